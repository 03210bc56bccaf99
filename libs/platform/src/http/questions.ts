/** Where requests come in that are counted: `/health` and `/metrics` are asked all the time, and are not. */
export const ROOTS = ['fhir', 'sources', 'lineage', 'ledger', 'persons', 'population'] as const;

/** What is asked by POST too: searches, and operations that change no record of whoever asks. */
export const ASKED_BY_POST = [
  '_search',
  '$match',
  '$ihe-pix',
  '$sql-run',
  '$sql-export',
  '$evaluate-measure',
  '$series',
] as const;

/** Under these every method is for the stage query. */
export const ALWAYS_QUERY = ['/lineage/', '/ledger/', '/fhir/chartledger/$sql-export/', '/population/'] as const;

const READS = ['GET', 'HEAD'];
const IN_ROOTS = new RegExp(`^/(${ROOTS.join('|')})(/|\\?|$)`);
const ASKS = new RegExp(`^/fhir/[^?]*/(${ASKED_BY_POST.join('|').replaceAll('$', '\\$')})(\\?|$)`);

/** Whether a request is for one of the stages ingest and query. @param url path and query. */
export function isServed(url: string): boolean {
  return IN_ROOTS.test(url);
}

export function isRead(method: string): boolean {
  return READS.includes(method);
}

/** Whether a request is for the stage query; all others are for ingest. The same is said in deploy/proxy/routes.cfg. */
export function isQuestion(method: string, url: string): boolean {
  if (ALWAYS_QUERY.some((prefix) => url.startsWith(prefix))) return true;
  if (isRead(method)) return !/^\/sources(\/|\?|$)/.test(url);
  return method === 'POST' && ASKS.test(url);
}
