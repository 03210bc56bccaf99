import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const DRAFT = '.new';

/**
 * A file that gets its name when it is complete and durable, so that a crash leaves the old one or the new one. The draft
 * of a crash stands beside it as `NAME.new`, and is written over by the next. One writer at a time.
 */
export class DraftFile {
  private constructor(
    private readonly path: string,
    readonly file: FileHandle,
  ) {}

  static async create(path: string, mode = 0o644): Promise<DraftFile> {
    const draft = draftOf(path);
    try {
      return new DraftFile(path, await open(draft, 'w', mode));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true });
      return new DraftFile(path, await open(draft, 'w', mode));
    }
  }

  async finish(): Promise<void> {
    try {
      await this.file.sync();
    } finally {
      await this.file.close();
    }
    await rename(draftOf(this.path), this.path);
  }

  async abandon(): Promise<void> {
    await this.file.close();
    await rm(draftOf(this.path), { force: true });
  }
}

/** Puts `content` in the place of what the file held, at once. */
export async function replaceFile(path: string, content: string | Buffer, mode?: number): Promise<void> {
  const draft = await DraftFile.create(path, mode);
  try {
    await draft.file.writeFile(content);
  } catch (error) {
    await draft.abandon();
    throw error;
  }
  await draft.finish();
}

/** Whether a file of this name is a draft that a crash left behind. */
export function isDraft(name: string): boolean {
  return name.endsWith(DRAFT);
}

function draftOf(path: string): string {
  return `${path}${DRAFT}`;
}
