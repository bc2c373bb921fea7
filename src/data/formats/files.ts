import { stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../../errors.js';
import { reason } from '../../files/reason.js';
import { listNames } from '../../files/text.js';

/** A file of a corpus. */
export interface CorpusFile {
  path: string;
  /** As the corpus' hash has it: where a corpus lies does not matter. */
  name: string;
  /** The name without its ending: what a document is called that has no name of its own. */
  stem: string;
}

/**
 * The files of a corpus: itself, or those of a folder that end in one of these; in order of their names.
 * @throws InputError where there is nothing, or no such file
 */
export async function filesOf(corpus: string, endings: readonly string[]): Promise<CorpusFile[]> {
  const stats = await stat(corpus).catch((error: unknown) => {
    throw new InputError(`The corpus ${corpus} cannot be read: ${reason(error)}.`, { cause: error });
  });
  if (!stats.isDirectory()) {
    const { base, name } = path.parse(corpus);
    return [{ path: corpus, name: base, stem: name }];
  }
  const files: CorpusFile[] = [];
  for (const ending of endings)
    for (const stem of await listNames(corpus, ending))
      files.push({ path: path.join(corpus, `${stem}${ending}`), name: `${stem}${ending}`, stem });
  if (files.length === 0)
    throw new InputError(
      `The folder ${corpus} has no files that end in ${endings.join(', ')}; a file that is called otherwise is read where it is named itself.`,
    );
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
