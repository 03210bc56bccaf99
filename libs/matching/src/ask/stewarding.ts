import { type Actor, NotFoundError } from '@chartledger/platform';
import { type StewardCommand, type StewardOutcome } from '../steward/steward-command.js';
import { type StewardService } from '../steward/steward.service.js';
import { parsePosition } from '@chartledger/ledger';
import { type ToldEntry } from './story.js';
import { type PersonsService } from './persons.service.js';

/** `POST /persons/{id}/decisions`. */
export class Stewarding {
  constructor(
    private readonly persons: PersonsService,
    private readonly steward: Pick<StewardService, 'decide'>,
  ) {}

  /**
   * Takes a steward's decision on a person. An undo must be of a decision in the person's story, named by any of its
   * entries, such as the last one, which was answered when it was taken.
   * @throws NotFoundError for a person whom there is not, and what `StewardService.decide` throws.
   */
  async decide(actor: Actor, id: string, command: StewardCommand): Promise<StewardOutcome> {
    const { value } = await this.persons.story(actor, id);
    if (command.kind !== 'undo') return this.steward.decide(actor, command);
    const undone =
      value.decisions.find(({ position }) => position === command.decision) ??
      value.decisions.find((decision) => hasEntry(decision, command.decision));
    if (!undone)
      throw new NotFoundError(`${command.decision} is no decision on this person: see GET /persons/${id}/decisions`);
    return this.steward.decide(actor, { ...command, decision: undone.position });
  }
}

/** Whether the entry at `position` is of the submission that the decision came with. */
function hasEntry({ position, part, parts }: Pick<ToldEntry, 'position' | 'part' | 'parts'>, named: string): boolean {
  const [decision, entry] = [parsePosition(position), parsePosition(named)];
  if (!decision || !entry || decision.chain !== entry.chain) return false;
  const first = decision.seq - part;
  return entry.seq >= first && entry.seq < first + parts;
}
