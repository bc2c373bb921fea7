import path from 'node:path';
import { mapBounded } from '../files/bounded.js';
import { listNames, readText } from '../files/text.js';
import { InputError } from '../errors.js';
import { readOfficially } from './annotations.js';
import { evaluateSpans, type Evaluation } from './evaluation.js';
import type { ScoredSpan } from './spans.js';

/** An evaluation of files, and what people should know of them. */
export interface FileEvaluation {
  evaluation: Evaluation;
  notices: string[];
}

/**
 * Evaluates a folder of .ann files against another as the official scorer does, and word by word where
 * texts lie beside the gold; only some `documents` where they are given.
 * @throws InputError where the official scorer fails: see `readOfficially`; and where no prediction or no
 * gold span was read, or none of the predictions is in a document of the gold.
 */
export async function evaluateFolders(
  goldFolder: string,
  predictedFolder: string,
  labels: readonly string[],
  { examples = 0, documents }: { examples?: number; documents?: ReadonlySet<string> } = {},
): Promise<FileEvaluation> {
  const gold = await readAnnotationFolder(goldFolder, labels, documents);
  const predicted = await readAnnotationFolder(predictedFolder, labels, documents);
  requireSpans(predicted, 'prediction', labels);
  requireSpans(gold, 'gold span', labels);
  if (![...gold.spans.keys()].some((document) => predicted.spans.get(document)?.length))
    throw new InputError(
      `${predictedFolder}: no prediction is in a document of ${goldFolder}; the .ann files must have the names of the gold's.`,
    );
  const texts = await readTexts(goldFolder, [...gold.spans.keys()]);
  return {
    evaluation: evaluateSpans(gold.spans, predicted.spans, labels, { texts, examples }),
    notices: noticesOf(gold, predicted, texts.size),
  };
}

export interface AnnotationFolder {
  folder: string;
  spans: Map<string, ScoredSpan[]>;
  otherLabels: Set<string>;
  /** Files that count as empty, with the reason. */
  dropped: string[];
}

/** Reads a folder of .ann files as the official scorer does; only some `documents` where they are given. */
export async function readAnnotationFolder(
  folder: string,
  labels: readonly string[],
  documents: ReadonlySet<string> | undefined,
): Promise<AnnotationFolder> {
  const names = (await listNames(folder, '.ann')).filter((name) => documents?.has(name) ?? true);
  const all = await mapBounded(names, 32, async (name) => {
    const file = path.join(folder, `${name}.ann`);
    return { name, ...readOfficially(await readText(file), file, labels) };
  });
  return {
    folder,
    spans: new Map(all.map(({ name, spans }) => [name, spans])),
    otherLabels: new Set(all.flatMap(({ otherLabels }) => [...otherLabels])),
    dropped: all.flatMap(({ name, dropped }) => (dropped === undefined ? [] : `${name}.ann, ${dropped}`)),
  };
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
  throw new InputError(`${folder} has no ${what} labelled ${labels.join(', ')}${why}.`);
}

/** What people should know of what was scored. */
function noticesOf(gold: AnnotationFolder, predicted: AnnotationFolder, texts: number): string[] {
  const notices = [gold, predicted].flatMap(({ folder, dropped }) =>
    dropped.map((file) => `${folder}: ${file}: the file counts as empty, as for the official scorer.`),
  );
  const documents = gold.spans.size;
  const absent = [...gold.spans.keys()].filter((name) => !predicted.spans.has(name)).length;
  const unknown = [...predicted.spans.keys()].filter((name) => !gold.spans.has(name)).length;
  if (absent > 0)
    notices.push(
      `Gold documents without a predictions file, whose spans are missed: ${absent} of ${documents}.`,
    );
  if (unknown > 0) notices.push(`Predictions files of documents that the gold lacks, ignored: ${unknown}.`);
  if (texts > 0 && texts < documents)
    notices.push(`Gold documents without a text, not scored by word: ${documents - texts} of ${documents}.`);
  return notices;
}

/** The texts beside the gold, of those documents that have one. */
async function readTexts(folder: string, documents: string[]): Promise<Map<string, string>> {
  const present = new Set(await listNames(folder, '.txt'));
  const names = documents.filter((name) => present.has(name));
  const texts = await mapBounded(names, 32, (name) => readText(path.join(folder, `${name}.txt`)));
  return new Map(names.map((name, index) => [name, texts[index]!]));
}
