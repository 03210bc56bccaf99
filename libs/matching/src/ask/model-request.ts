import { BadRequestError } from '@chartledger/platform';
import { type ModelToAdopt } from '../online/model-adoption.js';
import { jsonObject, readReason } from './steward-request.js';

const EXAMPLE = '{"model":{…},"reason":"…"}';

/**
 * Reads the body of `POST /persons/model`. Whether the model is one is for who adopts it to say.
 * @throws BadRequestError that names the member and what it must be.
 */
export function readModelRequest(body: Buffer): ModelToAdopt {
  const { model, reason, ...others } = jsonObject(body, EXAMPLE);
  if (model === undefined) throw new BadRequestError(`model must be the content of a model's file: ${EXAMPLE}`);
  const [other] = Object.keys(others);
  if (other !== undefined) throw new BadRequestError(`the body has the members model and reason, and not ${other}`);
  return { model, reason: readReason(reason) };
}
