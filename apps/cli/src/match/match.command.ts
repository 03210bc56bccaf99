import { type Command } from 'commander';
import { addAdopt } from './adopt.command.js';
import { addCompare } from './compare.command.js';
import { addModel } from './model.command.js';
import { addReplay } from './replay.command.js';
import { addTrain } from './train.command.js';

/** `chartledger match …`. */
export function addMatch(program: Command): void {
  const match = program.command('match').description('patients matched to persons');
  addTrain(match);
  addCompare(match);
  addAdopt(match);
  addModel(match);
  addReplay(match);
}
