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
   * Takes a steward's decision on a person. An undo must be of a decision in the person's story.
   * @throws NotFoundError for a person whom there is not, and what `StewardService.decide` throws.
   */
  async decide(actor: Actor, id: string, command: StewardCommand): Promise<StewardOutcome> {
    const { value } = await this.persons.story(actor, id);
    if (command.kind === 'undo' && !value.decisions.some(({ position }) => position === command.decision))
      throw new NotFoundError(`${command.decision} is no decision on this person: see GET /persons/${id}/decisions`);
    return this.steward.decide(actor, command);
  }
}
