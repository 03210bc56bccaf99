export { bareContent, sameContent } from './bare-content.js';
export { referenceReplacements, replace, type ReferenceEdit } from './replace.js';
export { splice, type Edits } from './splice.js';
