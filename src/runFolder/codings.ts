import { existsSync } from 'node:fs';
import { writeAtomically } from '../files/write.js';
import { type Codings, codingsFormat } from '../formats/codings.js';
import { readStored } from '../formats/stored.js';

/** What two mentions of one coding have in common. */
export function codingKey(text: string, label: string | undefined): string {
  return `${label ?? ''}\t${text}`;
}

export async function writeCodings(file: string, codings: Codings): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(codings)}\n`);
}

/** Undefined where a run has none: it has no codes, or was made before they were kept. */
export async function readCodings(file: string): Promise<Codings | undefined> {
  return existsSync(file) ? readStored(file, codingsFormat) : undefined;
}
