export { elementAt } from './element-at.js';
export { MAX_FINDINGS, MORE_FINDINGS, type Finding, type FindingCode } from './finding.js';
export { scanBundle } from './scan-bundle.js';
export { scanResource } from './scan-resource.js';
export * from './scanned.js';
