import type { Config } from '../config/schema.js';
import { InputError } from '../errors.js';
import { compareStrings, type Document } from './document.js';
import { readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { randomFrom } from './random.js';

/** Which documents train and which are held out; names sorted. */
export interface Split {
  seed: number;
  training: string[];
  validation: string[];
}

/**
 * Draws the validation documents: `validationShare` of all, rounded, at least one. Documents with the same
 * text stay on one side. The order in which the documents come does not matter.
 * @throws InputError where one side would be empty.
 */
export function splitDocuments(
  documents: readonly Pick<Document, 'name' | 'text'>[],
  { seed, validationShare }: { seed: number; validationShare: number },
): Split {
  const groups = groupByText(documents);
  if (validationShare <= 0 || validationShare >= 1 || groups.length < 2)
    throw new InputError(
      `A split of ${count(documents.length, 'document')} with ${count(groups.length, 'different text')} and ` +
        `data.validationShare ${validationShare} leaves one side empty; ` +
        'both training and validation need a document.',
    );
  const share = Math.round(documents.length * validationShare);
  const most = Math.min(Math.max(share, 1), documents.length - 1);
  const shuffled = randomFrom(seed).shuffle(groups);
  const validation: string[] = [];
  for (const names of shuffled) if (validation.length + names.length <= most) validation.push(...names);
  if (validation.length === 0) validation.push(...smallest(shuffled));
  const held = new Set(validation);
  const training = groups.flat().filter((name) => !held.has(name));
  return { seed, training: training.sort(compareStrings), validation: validation.sort(compareStrings) };
}

/** The split that a config asks for: the one of its file, else drawn by its `splitSeed`. */
export async function configuredSplit(
  documents: readonly Pick<Document, 'name' | 'text'>[],
  { seed, data }: { seed: number; data: Pick<Config['data'], 'split' | 'splitSeed' | 'validationShare'> },
): Promise<Split> {
  if (data.split) return readSplit(data.split, documents);
  const { splitSeed, validationShare } = data;
  return splitDocuments(documents, { seed: splitSeed ?? seed, validationShare });
}

/** Writes a split as JSON, whole or not at all. */
export async function writeSplit(file: string, split: Split): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(split, null, 2)}\n`);
}

/**
 * Reads a split; with `documents`, checks that it is one of them.
 * @throws InputError for a file that is no split, a name that is in both lists or twice in one, a name that
 * is no document, a document in neither list, an empty list.
 */
export async function readSplit(file: string, documents?: readonly Pick<Document, 'name'>[]): Promise<Split> {
  const split = parseSplit(await readText(file), file);
  const { training, validation } = split;
  for (const [side, names] of Object.entries({ training, validation }))
    if (names.length === 0) throw new InputError(`${file}: no document in \`${side}\`; both sides need one.`);
  const trained = new Set(training);
  const held = new Set(validation);
  const named = [...trained, ...held];
  reject(
    file,
    'in both training and validation',
    validation.filter((name) => trained.has(name)),
  );
  reject(file, 'twice in training', repeated(training));
  reject(file, 'twice in validation', repeated(validation));
  if (documents) {
    const known = new Set(documents.map(({ name }) => name));
    reject(
      file,
      'not in the corpus',
      named.filter((name) => !known.has(name)),
    );
    reject(
      file,
      'of the corpus in neither training nor validation',
      [...known].filter((name) => !trained.has(name) && !held.has(name)),
    );
  }
  return split;
}

function parseSplit(content: string, file: string): Split {
  let value: Partial<Split> | null;
  try {
    value = JSON.parse(content) as Partial<Split> | null;
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  const isNames = (names: unknown): names is string[] =>
    Array.isArray(names) && names.every((name) => typeof name === 'string');
  const { seed, training, validation } = value ?? {};
  if (!Number.isSafeInteger(seed) || !isNames(training) || !isNames(validation))
    throw new InputError(
      `${file} is not a split: it needs \`seed\`, a whole number, and \`training\` and \`validation\`, lists of document names.`,
    );
  return { seed: seed!, training, validation };
}

function reject(file: string, what: string, names: string[]): void {
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  throw new InputError(
    `${file}: ${count(names.length, 'document')} ${what} (${shown}); correct the split, or draw a new one.`,
  );
}

const repeated = (names: string[]) => [
  ...new Set(names.filter((name, index) => names.indexOf(name) < index)),
];

/** Names of the documents, those with the same text together; ordered by their first names. */
function groupByText(documents: readonly Pick<Document, 'name' | 'text'>[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const { name, text } of [...documents].sort((a, b) => compareStrings(a.name, b.name)))
    groups.set(text, [...(groups.get(text) ?? []), name]);
  return [...groups.values()];
}

function smallest(groups: string[][]): string[] {
  return groups.reduce((least, names) => (names.length < least.length ? names : least));
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
