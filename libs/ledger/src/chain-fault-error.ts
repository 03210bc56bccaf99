import { type ChainFault } from './chain-fault.js';

/** Thrown where a chain cannot be copied as it is; `fault` names the position and the reason. */
export class ChainFaultError extends Error {
  constructor(readonly fault: ChainFault) {
    super(`${fault.position}: ${fault.reason}: ${fault.detail}`);
  }
}
