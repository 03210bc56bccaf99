import highsModule, { type Highs } from 'highs';

/** Its types describe the CommonJS build; under ES modules the loader itself is the default export. */
const load = highsModule as unknown as typeof highsModule.default;
let loading: Promise<Highs> | undefined;

/** HiGHS as WebAssembly, loaded once a process: loading takes 40 ms, a program of 500 cells 1 ms. */
export function loadSolver(): Promise<Highs> {
  loading ??= load();
  return loading;
}
