export { bareContent, sameContent } from './bare-content.js';
export { type ReferenceEdit } from './replace.js';
export { splice, type Edits } from './splice.js';
