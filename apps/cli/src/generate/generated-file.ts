import { type SourceName } from './sites.js';
import { type TruthRow } from './truth.js';

/** One Bundle, ready to be sent as it stands. */
export interface GeneratedFile {
  /** Who sends it. */
  readonly source: SourceName;
  /** Relative, with `/`: `st-mary/patients/000001.json`. */
  readonly path: string;
  readonly text: string;
  readonly resources: number;
  /** Whose Patient it holds, where it is the first file about a patient. */
  readonly truth?: TruthRow;
}
