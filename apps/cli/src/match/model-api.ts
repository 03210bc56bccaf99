import { setTimeout as delay } from 'node:timers/promises';
import { type AdoptedModel, type ModelStatusAnswer } from '@chartledger/matching';
import { type HttpAnswer, type HttpClient } from '../http-client.js';
import { inWords, shareProgress } from './share-progress.js';

const LOOK_MS = 200;
const MODEL = '/persons/model';

/** The server does not take what it was sent; the message is its own. */
export class Refused extends Error {}

/** @throws Refused where the server says that it is no model; Error where it cannot answer. */
export async function adoptModel(client: HttpClient, model: unknown, reason: string): Promise<AdoptedModel> {
  const body = Buffer.from(JSON.stringify({ model, reason }));
  const answer = await client.send('POST', MODEL, { 'Content-Type': 'application/json' }, body);
  if (answer.status === 400) throw new Refused(messageOf(answer));
  if (answer.status !== 201) throw new Error(messageOf(answer));
  return JSON.parse(answer.body.toString('utf8')) as AdoptedModel;
}

export async function modelStatus(client: HttpClient): Promise<ModelStatusAnswer> {
  const answer = await client.get(MODEL);
  if (answer.status !== 200) throw new Error(messageOf(answer));
  return JSON.parse(answer.body.toString('utf8')) as ModelStatusAnswer;
}

/** Shows how far it is until every record is matched under the model that was adopted last. */
export async function followRematching(client: HttpClient): Promise<ModelStatusAnswer> {
  let status = await modelStatus(client);
  const bar = shareProgress('matching anew');
  for (; status.rematching; status = await modelStatus(client)) {
    const { state, share = 0, secondsLeft } = status.rematching;
    // Deciding comes after all has been compared.
    if (state === 'preparing') bar.update(share / 2, state, secondsLeft);
    else bar.update((1 + share) / 2, state, secondsLeft);
    await delay(LOOK_MS);
  }
  bar.end();
  return status;
}

export function statusLines({ model, before, rematching, matched }: ModelStatusAnswer): string[] {
  const { version, position, time, actor, reason } = model;
  const since = position === undefined ? 'the one that ships' : `adopted at ${position}, ${time}, by ${actor}`;
  return [
    `model ${version}: ${since}${reason === undefined ? '' : `: ${reason}`}`,
    `changes of Patients are matched up to ${matched === '' ? 'none' : matched}`,
    ...(rematching ? [rematchingLine(rematching, before?.version ?? '')] : []),
  ];
}

function rematchingLine(
  { state, stage, share, done, total, secondsLeft }: NonNullable<ModelStatusAnswer['rematching']>,
  before: string,
): string {
  const percent = share === undefined ? '' : `, ${Math.floor(share * 100)} %`;
  const left = secondsLeft === undefined ? '' : `, ${inWords(secondsLeft)} left`;
  return state === 'preparing'
    ? `all records are compared under it (${stage ?? 'in another process'}${percent}${left}); until then ${before} decides`
    : `what it decides otherwise is recorded: ${done} of ${total} records${percent}${left}`;
}

function messageOf({ status, body }: HttpAnswer): string {
  const text = body.toString('utf8');
  try {
    const { detail } = JSON.parse(text) as { detail?: string };
    if (detail !== undefined) return detail;
  } catch {
    // No problem document: what it says is told as it is.
  }
  return `the server answered with ${status}: ${text.slice(0, 500)}`;
}
