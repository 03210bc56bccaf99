/** What can be wrong with bytes that claim one of the ledger's public formats. */
export type FormatFault =
  | 'json_not_canonical'
  | 'base64_malformed'
  | 'key_malformed'
  | 'note_malformed'
  | 'note_unsigned'
  | 'note_signature_invalid'
  | 'checkpoint_malformed'
  | 'checkpoint_origin'
  | 'tile_path_malformed'
  | 'tile_malformed'
  | 'bundle_malformed'
  | 'proof_malformed'
  | 'proof_invalid'
  | 'source_malformed';

/** Thrown for bytes that are not what they claim to be. `code` is stable, `message` is a sentence for a person. */
export class FormatError extends Error {
  constructor(
    readonly code: FormatFault,
    message: string,
  ) {
    super(message);
  }
}
