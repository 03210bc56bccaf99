import { SingleBar } from 'cli-progress';
import { thousands } from './output.js';

/** Steps of progress that are told where no bar can be drawn. */
const TOLD_EVERY = 0.25;

export interface Progress {
  update(done: number, note?: string): void;
  end(): void;
}

/** A bar on a terminal; a line now and then where the output is a file. All on standard error. */
export function progress(label: string, total: number): Progress {
  return process.stderr.isTTY ? bar(label, total) : lines(label, total);
}

function bar(label: string, total: number): Progress {
  const drawn = new SingleBar({
    format: `${label} {bar} {percentage}% {value}/{total} {note}`,
    hideCursor: true,
    stream: process.stderr,
  });
  drawn.start(total, 0, { note: '' });
  return { update: (done, note = '') => drawn.update(done, { note }), end: () => drawn.stop() };
}

function lines(label: string, total: number): Progress {
  let next = TOLD_EVERY;
  return {
    update: (done, note = '') => {
      if (total === 0 || done / total < next) return;
      while (next <= done / total) next += TOLD_EVERY;
      process.stderr.write(`${label} ${thousands(done)}/${thousands(total)} ${note}\n`);
    },
    end: () => undefined,
  };
}
