import { parsePosition } from '@chartledger/ledger';
import { type Actor, NotFoundError } from '@chartledger/platform';
import { type StewardCommand, type StewardOutcome } from '../steward/steward-command.js';
import { type StewardService } from '../steward/steward.service.js';
import { type PersonsService } from './persons.service.js';

/** `POST /persons/{id}/decisions`. */
export class Stewarding {
  constructor(
    private readonly persons: PersonsService,
    private readonly steward: Pick<StewardService, 'decide'>,
  ) {}

  /**
   * Takes a steward's decision on a person. An undo must be of a decision in the person's story, and may name it by the
   * position of any of its entries, such as the one that it was answered with.
   * @throws NotFoundError for a person whom there is not, and what `StewardService.decide` throws.
   */
  async decide(actor: Actor, id: string, command: StewardCommand): Promise<StewardOutcome> {
    const { value } = await this.persons.story(actor, id);
    if (command.kind !== 'undo') return this.steward.decide(actor, command);
    const asked = seqOf(command.decision);
    const found =
      value.decisions.find(({ position }) => position === command.decision) ??
      value.decisions.find(({ position, part, parts, by }) => {
        const first = seqOf(position) - part;
        return by === 'steward' && asked >= first && asked < first + parts;
      });
    if (!found)
      throw new NotFoundError(`${command.decision} is no decision on this person: see GET /persons/${id}/decisions`);
    return this.steward.decide(actor, { ...command, decision: found.position });
  }
}

function seqOf(position: string): number {
  return parsePosition(position)!.seq;
}
