import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';

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

/** Loads a config in `folder` that extends the smallest one, with options set over it. */
export function loadOverSmallest(
  folder: string,
  text: string,
  ...set: string[]
): ReturnType<typeof loadConfig> {
  const files = { 'my.yaml': `extends: base.yaml\n${text}`, 'base.yaml': smallestConfig };
  return loadConfig(writeFiles(folder, files), { set });
}
