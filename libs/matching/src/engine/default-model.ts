import { DEFAULT_MODEL_JSON } from './default-model.data.js';
import { type Model } from './model.js';

/** Serves a deployment that has trained none yet: a hospital in the United States or Australia on its first day. */
export const DEFAULT_MODEL = JSON.parse(DEFAULT_MODEL_JSON) as Model;
