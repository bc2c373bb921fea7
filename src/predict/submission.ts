import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatAnnotations } from '../data/brat.js';
import { writeAtomically } from '../data/files.js';
import { formatNorm, type CodedRow } from '../data/norm.js';
import { InputError } from '../errors.js';
import type { Prediction } from './predict.js';

/**
 * Writes what was found in one document as the shared task takes it: `<out>/<task's folder>/<name>.ann`, an
 * empty file where there are no spans.
 */
export async function writeSubmission(
  out: string,
  tasks: Record<string, { folder: string }>,
  { name, text, spans }: Prediction,
): Promise<void> {
  if (basename(name) !== name || name === '' || name === '..')
    throw new InputError(`a document named ${JSON.stringify(name)} cannot be written: the name is a path`);
  for (const [task, { folder }] of Object.entries(tasks)) {
    const content = formatAnnotations(spans[task] ?? [], text);
    await writeAtomically(join(out, folder, `${name}.ann`), content);
  }
}

/** A table of codes that grows document by document. */
export interface NormTable {
  add(rows: readonly CodedRow[]): Promise<void>;
  /** Puts the table under its name; without it nothing is left. */
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

/** Makes `<out>/norm.tsv`: begun with the first rows, and under its name when it is finished, whole. */
export function normTable(out: string): NormTable {
  const file = join(out, 'norm.tsv');
  const temporary = join(out, `.norm.tsv.${process.pid}.tmp`);
  let handle: FileHandle | undefined;
  const begin = async () => {
    await mkdir(out, { recursive: true });
    const opened = await open(temporary, 'w');
    await opened.write(formatNorm([]));
    return opened;
  };
  const writing = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      throw new InputError(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    add: (rows) =>
      writing(async () => {
        handle ??= await begin();
        await handle.write(formatNorm(rows, { header: false }));
      }),
    finish: () =>
      writing(async () => {
        handle ??= await begin();
        await handle.sync();
        await handle.close();
        await rename(temporary, file);
      }),
    async abandon() {
      await handle?.close().catch(() => {}); // closed already where it was finished
      await rm(temporary, { force: true });
    },
  };
}
