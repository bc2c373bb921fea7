import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a config needs at the least: two tasks and a corpus. */
export const smallestConfig = `tasks:
  ner: { folder: task1, labels: [JOB, ACTIVITY] }
  class: { folder: task2, labels: [PATIENT, FAMILY] }
data:
  corpus: corpus
`;

/** Writes files (name to text) into a folder and returns the path of the first. */
export function writeFiles(folder: string, files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, Object.keys(files)[0]!);
}
