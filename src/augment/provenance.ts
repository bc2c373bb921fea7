import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readCorpus, type Tasks } from '../data/corpus.js';
import { compareStrings, type Document } from '../data/document.js';
import { writeCorpus } from '../data/write.js';
import { readText } from '../files/text.js';
import { writeAtomically, writeFolder } from '../files/write.js';
import { augmentedFormat, type Provenance } from '../formats/augmented.js';
import { parseStored } from '../formats/stored.js';
import { InputError } from '../errors.js';
import type { Ranked } from './select.js';

const FILE = 'augmented.jsonl';

/** The new documents, by name, and the line of every candidate; ranks are per label. */
export interface Augmented {
  documents: Document[];
  lines: Provenance[];
}

/** Names the documents of the candidates that were kept: their document's name, and a number. */
export function describeCandidates(ranked: readonly Ranked[]): Augmented {
  const documents: Document[] = [];
  const numbers = new Map<string, number>();
  const lines = ranked.map(({ original, substitute, sources, sentence, ...ranking }) => {
    const { label, document, start, end, text } = original;
    const { score, originalScore, fit, likeness, suit, rank, kept } = ranking;
    const number = (numbers.get(document) ?? 0) + (kept ? 1 : 0);
    numbers.set(document, number);
    const name = kept ? `${document}.augmented-${number}` : null;
    if (name !== null) documents.push({ name, ...sentence.document });
    return {
      name,
      label,
      original: { document, start, end, text },
      substitute: { sources, ...sentence.span, text: substitute },
      sentence: sentence.document.text,
      score,
      originalScore,
      change: score - originalScore,
      fit,
      likeness,
      suit,
      rank,
      kept,
    };
  });
  return { documents: documents.sort((a, b) => compareStrings(a.name, b.name)), lines };
}

/** Writes the new documents as a corpus, with what tells where they come from: the whole folder, or none. */
export async function writeAugmented(
  folder: string,
  { documents, lines }: Augmented,
  tasks: Tasks,
): Promise<void> {
  await writeFolder(folder, async (fresh) => {
    await writeCorpus(fresh, documents, tasks);
    await writeAtomically(join(fresh, FILE), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  });
}

/**
 * Reads what `writeAugmented` wrote, with a hash of it all.
 * @param training names of the documents that may train
 * @throws InputError for a line that cannot be read, a document without a line, and what comes from a
 * document that is held out
 */
export async function readAugmented(
  folder: string,
  tasks: Tasks,
  training: ReadonlySet<string>,
): Promise<Augmented & { hash: string }> {
  const file = join(folder, FILE);
  const text = await readText(file);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line, i) => parseStored(line, `${file}:${i + 1}`, augmentedFormat));
  for (const [index, line] of lines.entries()) {
    // Of documents that have the substitute, one that trains is enough.
    const { original, substitute } = line;
    const foreign = training.has(original.document)
      ? !substitute.sources.some((name) => training.has(name)) && substitute.sources[0]
      : original.document;
    if (line.kept && foreign !== false)
      throw new InputError(
        `${file}:${index + 1}: ${JSON.stringify(line.sentence)} comes from ${foreign}, which is no training document of this split; augment again with this config, or give data.split the split that it was made with`,
      );
  }
  const kept = lines.filter((line) => line.kept);
  const known = new Set(kept.map(({ name }) => name));
  const none = { documents: [], hash: '' };
  const { documents, hash } = kept.length > 0 ? await readCorpus(folder, tasks) : none;
  const strange = documents.find(({ name }) => !known.has(name));
  if (strange)
    throw new InputError(`${folder}: ${file} does not tell where ${strange.name} comes from; take it out`);
  const missing = known.size - documents.length;
  if (missing > 0)
    throw new InputError(
      `${folder} lacks ${missing} of the ${known.size} documents that ${file} names; augment again`,
    );
  return { documents, lines, hash: createHash('sha256').update(`${hash} ${text}`).digest('hex') };
}
