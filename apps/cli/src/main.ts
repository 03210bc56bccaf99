import { importPaths } from './import/import.js';
void importPaths;
