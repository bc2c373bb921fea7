import type { CorpusFormatName } from '../config/choices.js';
import path from 'node:path';
import { mapBounded } from '../files/bounded.js';
import { listNames, readText } from '../files/text.js';
import { InputError } from '../errors.js';
import { lookalikeHint, lookalikes } from '../data/names.js';
import { readOfficially } from './annotations.js';
import { evaluateSpans, type Evaluation } from './evaluation.js';
import { readEverySpan } from './everySpan.js';
import { leftOutNotices, noneLeftOut, sumLeftOut, type LeftOut } from './leftOut.js';
import { EVERY_SPAN_SEMANTICS, SPAN_SEMANTICS, type ScoredSpan } from './spans.js';

/** An evaluation of files, and what people should know of them. */
export interface FileEvaluation {
  evaluation: Evaluation;
  /** Of spans: how many were not read, by why. */
  leftOut?: { gold: LeftOut; predictions: LeftOut };
  notices: string[];
}

/** official: what the official scorer reads of a file. all: every span, as training does. */
export const rules = ['official', 'all'] as const;
/**
 * What is read of .ann files. official: what the official scorer reads. all: every span, as training does.
 * @useDeclaredType
 */
export type Rule = (typeof rules)[number];

/**
 * Evaluates a folder of .ann files, or a corpus in another format, against another as the official scorer does, and word by word where
 * texts lie beside the gold; only some `documents` where they are given. `format` is of what is no folder of .ann files, where the
 * files do not tell it. By the rule `all` every span is read.
 * @throws InputError where the official scorer fails: see `readOfficially`; and where no prediction or no
 * gold span was read, or none of the predictions is in a document of the gold.
 */
export async function evaluateFolders(
  goldFolder: string,
  predictedFolder: string,
  labels: readonly string[],
  {
    examples = 0,
    documents,
    rule = 'official',
    format,
  }: {
    examples?: number;
    documents?: ReadonlySet<string>;
    rule?: Rule;
    format?: CorpusFormatName;
  } = {},
): Promise<FileEvaluation> {
  const otherGold = await inOtherFormat(goldFolder, labels, documents, format);
  const texts = otherGold?.texts ?? (await readTexts(goldFolder, documents));
  const options = { documents, rule, texts };
  const gold = otherGold ?? (await readAnnotationFolder(goldFolder, labels, options));
  const predicted =
    (await inOtherFormat(predictedFolder, labels, documents, format)) ??
    (await readAnnotationFolder(predictedFolder, labels, options));
  requireSpans(predicted, 'prediction', labels);
  requireSpans(gold, 'gold span', labels);
  if (![...gold.spans.keys()].some((document) => predicted.spans.get(document)?.length))
    throw new InputError(
      `${predictedFolder}: no prediction is in a document of ${goldFolder}; the documents must have the names of the gold's.${formsHint(gold, predicted)}`,
    );
  const own = new Map([...texts].filter(([name]) => gold.spans.has(name)));
  const semantics = rule === 'all' ? EVERY_SPAN_SEMANTICS : SPAN_SEMANTICS;
  return {
    evaluation: evaluateSpans(gold.spans, predicted.spans, labels, { texts: own, examples, semantics }),
    leftOut: { gold: gold.leftOut, predictions: predicted.leftOut },
    notices: noticesOf(gold, predicted, own.size, { rule, documents }),
  };
}

export interface AnnotationFolder {
  folder: string;
  spans: Map<string, ScoredSpan[]>;
  otherLabels: Set<string>;
  /** Files that count as empty, with the reason. */
  dropped: string[];
  leftOut: LeftOut;
}

/**
 * Reads a folder of .ann files as the official scorer does, or every span in them, which it puts together by the
 * documents' `texts`; only some `documents` where they are given.
 */
export async function readAnnotationFolder(
  folder: string,
  labels: readonly string[],
  {
    documents,
    rule = 'official',
    texts,
  }: {
    documents?: ReadonlySet<string>;
    rule?: Rule;
    texts?: ReadonlyMap<string, string>;
  } = {},
): Promise<AnnotationFolder> {
  const names = (await listNames(folder, '.ann')).filter((name) => documents?.has(name) ?? true);
  const read = rule === 'all' ? readEverySpan : readOfficially;
  const all = await mapBounded(names, 32, async (name) => {
    const file = path.join(folder, `${name}.ann`);
    return { name, ...read(await readText(file), file, labels, texts?.get(name)) };
  });
  return {
    folder,
    spans: new Map(all.map(({ name, spans }) => [name, spans])),
    otherLabels: new Set(all.flatMap(({ otherLabels }) => [...otherLabels])),
    dropped: all.flatMap(({ name, dropped }) => (dropped === undefined ? [] : `${name}.ann, ${dropped}`)),
    leftOut: sumLeftOut(all.map(({ leftOut }) => leftOut)),
  };
}

/** What is not brat's: a file, or a folder without .ann files in which something tells another format. */
async function inOtherFormat(
  path: string,
  labels: readonly string[],
  documents: ReadonlySet<string> | undefined,
  format: CorpusFormatName | undefined,
): Promise<(AnnotationFolder & { texts: Map<string, string> }) | undefined> {
  if ((await listNames(path, '.ann').catch(() => [])).length > 0) return undefined;
  const { readOtherFormat } = await import('./otherFormats.js'); // its formats take time to load
  const read = await readOtherFormat(path, labels, documents, format);
  return read && { folder: path, ...read, otherLabels: new Set(), dropped: [], leftOut: noneLeftOut() };
}

function requireSpans(read: AnnotationFolder, what: string, labels: readonly string[]): void {
  const { folder, spans, otherLabels, dropped } = read;
  if ([...spans.values()].some(({ length }) => length > 0)) return;
  const reasons = [
    ...(spans.size === 0 ? ['it has no .ann files'] : []),
    ...(otherLabels.size > 0 ? [`its labels are ${[...otherLabels].sort().join(', ')}`] : []),
    ...(dropped.length > 0 ? [`files that count as empty: ${dropped.slice(0, 3).join('; ')}`] : []),
  ];
  const why = reasons.map((reason) => `; ${reason}`).join('');
  const like = [...otherLabels].map(lookalikes(labels)).find((label) => label !== undefined);
  const hint = lookalikeHint(like, 'One that is scored');
  throw new InputError(`${folder} has no ${what} labelled ${labels.join(', ')}${why}.${hint}`);
}

/** Files that count as empty are named up to so many. */
const NAMED = 5;

/** What people should know of what was scored. */
function noticesOf(
  gold: AnnotationFolder,
  predicted: AnnotationFolder,
  texts: number,
  { rule, documents: only }: { rule: Rule; documents: ReadonlySet<string> | undefined },
): string[] {
  const notices = [gold, predicted].flatMap(({ folder, dropped, leftOut }, side) => [
    ...dropped
      .slice(0, NAMED)
      .map((file) => `${folder}: ${file}: the file counts as empty, as for the official scorer.`),
    ...(dropped.length > NAMED ? [`${folder}: so do ${dropped.length - NAMED} more files.`] : []),
    ...leftOutNotices(folder, side === 0 ? 'gold spans' : 'predictions', leftOut, rule === 'official'),
  ]);
  const scored = [...gold.spans.values()].reduce((sum, spans) => sum + spans.length, 0);
  const hidden = Object.values(gold.leftOut).reduce((sum, count) => sum + count, 0);
  if (rule === 'official' && hidden > 0)
    notices.push(
      `Gold spans that are scored: ${scored} of ${scored + hidden}. Training counts all that it can read, as --rule all does here (docs/scoring-other-corpora.md).`,
    );
  const documents = gold.spans.size;
  const absent = [...gold.spans.keys()].filter((name) => !predicted.spans.has(name)).length;
  const unknown = [...predicted.spans.keys()].filter((name) => !gold.spans.has(name)).length;
  const split = only ? '' : ' Of a run, --split scores those alone that it holds out.';
  if (absent > 0)
    notices.push(
      `Gold documents without a predictions file, whose spans are missed: ${absent} of ${documents}.${split}`,
    );
  if (unknown > 0)
    notices.push(
      `Predictions files of documents that the gold lacks, ignored: ${unknown}.${formsHint(gold, predicted)}`,
    );
  if (texts > 0 && texts < documents)
    notices.push(`Gold documents without a text, not scored by word: ${documents - texts} of ${documents}.`);
  return notices;
}

/** Predictions may have the gold's names to the eye only. */
function formsHint(gold: AnnotationFolder, predicted: AnnotationFolder): string {
  const goldOf = lookalikes(gold.spans.keys());
  const name = [...predicted.spans.keys()].find((own) => goldOf(own) !== undefined);
  return name === undefined ? '' : lookalikeHint(name, `For ${name}.ann the gold`);
}

/** The texts beside the gold, of those documents that have one. */
async function readTexts(
  folder: string,
  documents: ReadonlySet<string> | undefined,
): Promise<Map<string, string>> {
  const names = (await listNames(folder, '.txt')).filter((name) => documents?.has(name) ?? true);
  const texts = await mapBounded(names, 32, (name) => readText(path.join(folder, `${name}.txt`)));
  return new Map(names.map((name, index) => [name, texts[index]!]));
}
