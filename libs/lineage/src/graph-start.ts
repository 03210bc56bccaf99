import { type Pool } from 'pg';
import { run, textArray } from '@chartledger/database';
import { NotFoundError } from '@chartledger/platform';
import { type Views } from '@chartledger/projection';
import { submissions, type SourceDirectory } from '@chartledger/records';
import { clientOf, recordNode, submissionOf } from './graph-steps.js';
import { type GraphNode, type NodeName } from './graph-node.js';
import { type GraphLookups } from './graph-lookups.js';
import { namedVersion } from './named-version.js';

/** Finds the node that a question names, as of the position that it is asked at. */
export class GraphStart {
  constructor(
    private readonly pool: Pool,
    private readonly views: Views,
    private readonly sources: SourceDirectory,
  ) {}

  /** @throws NotFoundError. */
  async find(lookups: GraphLookups, name: NodeName): Promise<GraphNode> {
    switch (name.kind) {
      case 'client':
        return this.findClient(lookups, name);
      case 'submission':
        return this.findSubmission(lookups, name);
      case 'record':
        return this.findRecord(lookups, name);
    }
  }

  private async findClient(lookups: GraphLookups, { client }: NamedClient): Promise<GraphNode> {
    for (const chain of lookups.chains) {
      const on = await lookups.on(chain);
      if ((await on.submissionsOf(client, 1)).length > 0) return clientOf({ client });
    }
    throw new NotFoundError('no client of this name has sent anything');
  }

  /** A submission's id does not say its chain, so every chain is waited for. */
  private async findSubmission(lookups: GraphLookups, { submission }: NamedSubmission): Promise<GraphNode> {
    const views = this.views.all().filter(({ name }) => name === 'records');
    await Promise.all(views.map((view) => view.caughtUp()));
    const rows = await run<{ chain: number; seq: number }>(this.pool, submissions(views[0].schema), [
      textArray([submission]),
    ]);
    if (rows[0]) {
      const on = await lookups.on(rows[0].chain);
      if (rows[0].seq <= on.position) return submissionOf(on.chain, (await on.entries([rows[0].seq]))[0]);
    }
    throw new NotFoundError('there is no such submission; one that was refused, or changed nothing, is not recorded');
  }

  private async findRecord(lookups: GraphLookups, { source, type, id, version }: NamedRecord): Promise<GraphNode> {
    const on = await lookups.on((await this.sources.get(source)).chain);
    const { position } = on;
    const name = { source, type, id };
    const [versions] = await on.versionsMeant([{ ...name, at: position, last: position, version }]);
    const found = namedVersion(versions, { seq: position, first: position, last: position }, version);
    if (found) return recordNode(on.chain, name, found);
    throw new NotFoundError('there is no such version of a record in this source');
  }
}

type NamedClient = Extract<NodeName, { kind: 'client' }>;
type NamedSubmission = Extract<NodeName, { kind: 'submission' }>;
type NamedRecord = Extract<NodeName, { kind: 'record' }>;
