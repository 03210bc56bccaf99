import { progress, type Progress } from '../progress.js';

/** One bar after the other, each with the time that is left at the rate so far. */
export class ChainBars {
  private key = '';
  private bar: Progress | undefined;
  private started = { done: 0, ms: 0 };

  update(label: string, done: number, total: number): void {
    if (label !== this.key) {
      this.end();
      this.key = label;
      this.bar = progress(`${label}:`, total);
      this.started = { done, ms: performance.now() };
    }
    const seconds = (performance.now() - this.started.ms) / 1000;
    this.bar!.update(done, timeLeft(done - this.started.done, total - done, seconds));
  }

  end(): void {
    this.bar?.end();
    this.bar = undefined;
    this.key = '';
  }
}

/** `done` took `seconds`: how long `left` will take, in words; nothing where that cannot be said yet. */
export function timeLeft(done: number, left: number, seconds: number): string {
  if (done <= 0 || left <= 0 || seconds < 1) return '';
  const rest = Math.ceil((left / done) * seconds);
  if (rest < 60) return `${rest} s left`;
  return rest < 3600
    ? `${Math.ceil(rest / 60)} min left`
    : `${Math.floor(rest / 3600)} h ${Math.ceil((rest % 3600) / 60)} min left`;
}
