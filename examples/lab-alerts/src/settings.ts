/** Everything that the service takes from its environment. */
export interface Settings {
  brokers: string[];
  /** Where `{fhirUrl}/{source}` is the FHIR base of a source. */
  fhirUrl: string;
  databaseUrl: string;
  changesTopic: string;
  alertsTopic: string;
  groupId: string;
}

/** @throws Error that names the variable that is missing. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const needed = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set, see docs/pipelines.md`);
    return value;
  };
  return {
    brokers: needed('KAFKA_BROKERS').split(','),
    fhirUrl: needed('FHIR_URL').replace(/\/$/, ''),
    databaseUrl: needed('DATABASE_URL'),
    changesTopic: env['CHANGES_TOPIC'] || 'chartledger.changes',
    alertsTopic: env['ALERTS_TOPIC'] || 'example.lab-alerts',
    groupId: env['GROUP_ID'] || 'example.lab-alerts',
  };
}
