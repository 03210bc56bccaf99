import { describe, expect, it } from '@jest/globals';
import { faultsOf, needsOf } from './topic.js';

function settings(changes: Record<string, string> = {}, replicationFactor = 3): Map<string, string> {
  const made = needsOf(replicationFactor).map(({ name, value }) => [name, value] as const);
  return new Map([...made, ...Object.entries(changes)]);
}

describe('the settings of a topic', () => {
  it.each([1, 2, 3, 5])('suffice as they are made, with %d copies', (copies) => {
    expect(faultsOf('ledger', 3, copies, 2, settings({}, copies))).toEqual([]);
  });

  it.each([
    ['cleanup.policy', 'compact', 'delete'],
    ['cleanup.policy', 'compact,delete', 'delete'],
    ['retention.ms', '604800000', '-1'],
    ['retention.bytes', '1073741824', '-1'],
    ['unclean.leader.election.enable', 'true', 'false'],
    ['max.message.bytes', '1048588', '16777216 or more'],
    ['min.insync.replicas', '1', '2 or more'],
  ])('are refused where they would lose data: %s=%s', (name, value, needed) => {
    expect(faultsOf('ledger', 3, 3, 2, settings({ [name]: value }))).toEqual([
      expect.stringContaining(`${name} of topic ledger is ${value}, it must be ${needed}`),
    ]);
  });

  it('are refused where a chain has no partition', () => {
    expect(faultsOf('ledger', 2, 3, 2, settings())).toEqual([
      expect.stringContaining('topic ledger has 2 partitions, it must have 3'),
    ]);
  });

  it('may be stricter, and may compress', () => {
    const others = { 'max.message.bytes': '33554432', 'min.insync.replicas': '3', 'compression.type': 'zstd' };
    expect(faultsOf('ledger', 9, 3, 2, settings(others))).toEqual([]);
  });
});
