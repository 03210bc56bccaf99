/** Exit codes of every command. */
export const EXIT = { done: 0, foundWrong: 1, couldNotRun: 2 } as const;

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** 46497 → 46,497, the same everywhere. */
export function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
