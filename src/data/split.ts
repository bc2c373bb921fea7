import { repeated } from '../config/check.js';
import type { Config } from '../config/schema.js';
import { InputError } from '../errors.js';
import { writeJson } from '../files/json.js';
import { compareStrings, type Document } from './document.js';
import { type Split, splitFormat } from '../formats/split.js';
import { readStored } from '../formats/stored.js';
import { groupBy } from './groupBy.js';
import { drawFolds } from './folds.js';
import { lookalikeHint, lookalikes } from './names.js';
import { randomFrom } from './random.js';
import { groupTwins } from './twins.js';

/** The documents that a run's predictions, evaluation and report are about. */
export function scoredNames({ test, validation }: Split): string[] {
  return test ?? validation;
}

/**
 * Draws the validation documents: `validationShare` of all, rounded, at least one; none for a share of 0.
 * Documents with the same text stay on one side. The order in which the documents come does not matter.
 * @throws InputError where one side would be empty.
 */
export function splitDocuments(documents: readonly Pick<Document, 'name' | 'text'>[], options: Draw): Split {
  return splitGroups(groupByText(documents), options);
}

interface Draw {
  seed: number;
  validationShare: number;
}

function splitGroups(groups: string[][], { seed, validationShare }: Draw): Split {
  const all = groups.flat();
  if (validationShare === 0 && all.length > 0)
    return { seed, training: all.sort(compareStrings), validation: [] };
  if (validationShare <= 0 || validationShare >= 1 || groups.length < 2)
    throw new InputError(
      `A split of ${count(all.length, 'document')} with ${count(groups.length, 'different text')} and ` +
        `data.validationShare ${validationShare} leaves one side empty; ` +
        'both training and validation need a document.',
    );
  const share = Math.round(all.length * validationShare);
  const most = Math.min(Math.max(share, 1), all.length - 1);
  const shuffled = randomFrom(seed).shuffle(groups);
  const held = new Set<string>();
  for (const names of shuffled)
    if (held.size + names.length <= most) for (const name of names) held.add(name);
  if (held.size === 0) for (const name of smallest(shuffled)) held.add(name);
  const training = all.filter((name) => !held.has(name));
  return { seed, training: training.sort(compareStrings), validation: [...held].sort(compareStrings) };
}

/**
 * The split that a config asks for: the one of its file, else drawn by its `splitSeed`.
 * @param twins gives the documents that stay together where there are folds
 * @throws InputError as readSplit, splitDocuments; for more folds than documents
 */
export async function configuredSplit<T extends Pick<Document, 'name' | 'text' | 'spans'>>(
  documents: readonly T[],
  { seed, data }: { seed: number; data: SplitOptions },
  twins: () => T[][] = () => groupTwins(documents),
): Promise<Split> {
  if (data.split) return readSplit(data.split, documents);
  const { splitSeed, validationShare, folds, fold } = data;
  const draw = { seed: splitSeed ?? seed, validationShare };
  if (folds === null || fold === null) return splitDocuments(documents, draw);
  return splitFold(twins(), { ...draw, folds, fold });
}

type SplitOptions = Pick<Config['data'], 'split' | 'splitSeed' | 'validationShare' | 'folds' | 'fold'>;

/** One fold is the test documents; the validation documents are drawn from the others. Twins stay on one side. */
function splitFold(
  twins: readonly (readonly Pick<Document, 'name' | 'spans'>[])[],
  { folds, fold, ...draw }: Draw & { folds: number; fold: number },
): Split {
  const test = drawFolds(twins, { folds, seed: draw.seed })[fold - 1]!;
  const held = new Set(test);
  const others = twins.map((own) => own.map(({ name }) => name)).filter(([name]) => !held.has(name!));
  return { ...splitGroups(others, draw), test };
}

/**
 * The held-out documents that have twins among those that train, by name. A split of folds has none; a drawn one keeps only
 * documents of one text on one side, and stays as it is: results are told of it.
 */
export function twinsOfTraining(
  documents: readonly Pick<Document, 'name' | 'text'>[],
  { training, validation, test = [] }: Split,
): string[] {
  const held = new Set([...validation, ...test]);
  if (held.size === 0) return [];
  const trained = new Set(training);
  return groupTwins(documents)
    .filter((twins) => twins.some(({ name }) => trained.has(name)))
    .flatMap((twins) => twins.map(({ name }) => name).filter((name) => held.has(name)))
    .sort(compareStrings);
}

/** Writes a split as JSON, whole or not at all. */
export async function writeSplit(file: string, split: Split): Promise<void> {
  await writeJson(file, split);
}

/**
 * Reads a split; with `documents`, checks that it is one of them.
 * @throws InputError for a file that is no split, a name that is in two lists or twice in one, a name that
 * is no document, a document in no list, no document to train on, a list of test documents without any.
 */
export async function readSplit(file: string, documents?: readonly Pick<Document, 'name'>[]): Promise<Split> {
  const split = await readStored(file, splitFormat);
  const { training, validation, test } = split;
  if (training.length === 0) throw new InputError(`${file}: no document in \`training\`.`);
  if (test?.length === 0)
    throw new InputError(`${file}: no document in \`test\`; leave it out where there is none.`);
  const sides = Object.entries({ training, validation, test: test ?? [] });
  const sideOf = new Map<string, string>();
  for (const [side, names] of sides) {
    for (const [other] of sides)
      reject(
        file,
        `in both ${other} and ${side}`,
        names.filter((name) => other !== side && sideOf.get(name) === other),
      );
    reject(
      file,
      `twice in ${side}`,
      repeated(names).map(([, name]) => name),
    );
    for (const name of names) sideOf.set(name, side);
  }
  if (documents) {
    const known = new Set(documents.map(({ name }) => name));
    const unknown = [...sideOf.keys()].filter((name) => !known.has(name));
    reject(
      file,
      'not in the corpus',
      unknown,
      lookalikeHint(unknown.map(lookalikes(known)).find(Boolean), 'The corpus'),
    );
    const missing = [...known].filter((name) => !sideOf.has(name));
    const neither = test ? 'none of training, validation and test' : 'neither training nor validation';
    reject(file, `of the corpus in ${neither}`, missing);
  }
  return split;
}

function reject(file: string, what: string, names: string[], hint = ''): void {
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  throw new InputError(
    `${file}: ${count(names.length, 'document')} ${what} (${shown}); correct the split, or draw a new one.${hint}`,
  );
}

/** Names of the documents, those with the same text together; ordered by their first names. */
function groupByText(documents: readonly Pick<Document, 'name' | 'text'>[]): string[][] {
  const sorted = [...documents].sort((a, b) => compareStrings(a.name, b.name));
  const groups = groupBy(sorted, ({ text }) => text);
  return [...groups.values()].map((own) => own.map(({ name }) => name));
}

function smallest(groups: string[][]): string[] {
  return groups.reduce((least, names) => (names.length < least.length ? names : least));
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
