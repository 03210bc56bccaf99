export * from './chain-owner.js';
export * from './decide.js';
export * from './grounds.js';
export * from './registry.js';
export * from './sequencer.js';
export * from './submission.js';
