/** Sleeps until it is woken, or for a while. A call that comes before the sleep is not lost. */
export class WakeUp {
  private isWoken = false;
  private wake: (() => void) | undefined;

  call(): void {
    this.isWoken = true;
    this.wake?.();
  }

  /** False: nobody called. */
  async sleep(longestMs: number): Promise<boolean> {
    if (!this.isWoken) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, longestMs);
      });
      clearTimeout(timer);
      this.wake = undefined;
    }
    const { isWoken } = this;
    this.isWoken = false;
    return isWoken;
  }
}
