import { SYSTEM_CHAIN, type Ledger } from '@chartledger/ledger';
import { type EntryOpener } from '@chartledger/projection';
import { type SystemChange } from '@chartledger/sequence';
import { type Model } from '../engine/model.js';

/** The record whose versions are the models that were adopted. */
export const MODEL_RECORD = { type: 'Library', id: 'match-model' } as const;

/** The entry by which a model is adopted: from then on every record is matched under it. */
export function modelEntry(model: Model, reason: string): SystemChange {
  const { records, candidates, matches, iterations } = model.training;
  return {
    ...MODEL_RECORD,
    kind: 'match.model',
    resource: {
      resourceType: MODEL_RECORD.type,
      id: MODEL_RECORD.id,
      version: model.version,
      status: 'active',
      title: 'The model that patients are matched by',
      type: { text: 'patient matching model' },
      content: [{ contentType: 'application/json', data: Buffer.from(JSON.stringify(model)).toString('base64') }],
    },
    decision: {
      version: model.version,
      reason,
      thresholds: model.thresholds,
      records,
      candidates,
      matches,
      iterations,
    },
  };
}

/** @throws TypeError for a text that `modelEntry` did not make. */
export function modelOfText(text: Buffer): Model {
  const { content } = JSON.parse(text.toString('utf8')) as { content?: { data?: string }[] };
  const data = content?.[0]?.data;
  if (data === undefined) throw new TypeError(`${MODEL_RECORD.type}/${MODEL_RECORD.id} holds no model`);
  return JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as Model;
}

/** Reads the models of the system's chain by their positions. */
export function modelReader(ledger: Ledger, opener: EntryOpener): (seq: number) => Promise<Model> {
  return async (seq) => {
    const [stored] = await ledger.get(SYSTEM_CHAIN, [seq]);
    const [{ content }] = await opener.open([stored!]);
    if (!content) throw new TypeError(`the model at ${SYSTEM_CHAIN}:${seq} cannot be read: its key was destroyed`);
    return modelOfText(content.text);
  };
}
