import { basename, join } from 'node:path';
import { formatAnnotations } from '../data/brat.js';
import { writeAtomically } from '../data/files.js';
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
