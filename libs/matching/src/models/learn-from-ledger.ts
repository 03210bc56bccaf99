import { type Learned, learnModel } from '../batch/match-people.js';
import { threadsFor } from '../batch/match-tables.js';
import { LEARNING, type OnProgress, StageProgress } from '../batch/stage-progress.js';
import { prepareFields } from '../engine/prepare.js';
import { RecordTable } from '../engine/record-table.js';
import { Values } from '../engine/values.js';
import { eachPatient, patientPositions, type LedgerPatients } from './ledger-patients.js';

export interface ModelOptions {
  threads: number;
  onProgress?: OnProgress;
}

/**
 * Learns a model without labels from the Patients that a ledger holds. The same Patients in the same entries give the same
 * model.
 * @throws Error where there are fewer than two.
 */
export async function learnFromLedger(
  patients: LedgerPatients,
  { threads, onProgress }: ModelOptions,
): Promise<Learned> {
  const progress = new StageProgress(LEARNING, onProgress);
  progress.begin('read');
  const table = new RecordTable(new Values());
  await eachPatient(
    patients,
    patientPositions(patients),
    (_name, fields) => table.add(prepareFields(fields)),
    progress.part,
  );
  if (table.size < 2) throw new Error('the ledger holds no two Patients: there is nothing to learn from');
  return learnModel(table, undefined, { threads: threadsFor(table.size, threads), progress });
}
