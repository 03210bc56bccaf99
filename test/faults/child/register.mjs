import { register } from 'node:module';

/** `node --import register.mjs FILE.ts`: runs the sources as the tests do, without a build. */
register('./typescript.mjs', import.meta.url);
