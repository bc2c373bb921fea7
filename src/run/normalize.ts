import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startEngine } from '../backend/engine.js';
import { inWay } from '../backend/precision.js';
import type { CorpusFormatName } from '../config/choices.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { codePoints } from '../data/codepoints.js';
import { readCorpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { detectFormat } from '../data/formats/detect.js';
import type { MentionRow } from '../data/mentions.js';
import { configuredSplit, readSplit, scoredNames } from '../data/split.js';
import { warningLines } from '../data/warnings.js';
import { InputError, UsageError } from '../errors.js';
import { openEmbedder } from '../normalize/embedders/open.js';
import { openNormalizer } from '../normalize/folder.js';
import type { Coding, CodingOptions, Normalizer } from '../normalize/normalizer.js';
import { codeMentions, evaluateGoldSpans, type CodedGold } from './evaluateCodes.js';
import { codedTask, configuredNormalizer } from './normalizer.js';
import { runPaths } from '../runFolder/paths.js';

export interface NormalizeSource {
  /** A run's folder, or a config file, from whose training documents the normalizer is built now. */
  from: string;
  set: string[];
}

export interface OpenedSource {
  config: Config;
  normalizer: Normalizer;
  /** Of the config's corpus, where they were read already. */
  documents?: Document[];
  /** Seconds to build or open it, the reading of the corpus not among them. */
  seconds: number;
}

/**
 * Opens a run's normalizer, or builds the one that a config describes.
 * @throws InputError for a run without one, or where neither the corpus nor data.codes have codes
 */
export async function openSource({ from, set }: NormalizeSource, context: Context): Promise<OpenedSource> {
  const paths = runPaths(from);
  const isRun = existsSync(paths.config);
  if (!isRun && (await stat(from).catch(() => undefined))?.isDirectory())
    throw new InputError(
      `${from} is a folder without config.yaml: name a run's folder, or a config file; the codes of a packed model are found by meddoprof predict`,
    );
  const { config } = await loadConfig(isRun ? paths.config : from, { set });
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const started = performance.now();
    return [await work(), (performance.now() - started) / 1000];
  };
  if (isRun) {
    if (!existsSync(join(paths.normalizer, 'normalizer.json')))
      throw new InputError(
        `${from} has no normalizer: its training was not finished, or its corpus has no codes; name a config file to build one`,
      );
    if (config.normalization.embedding.weight > 0) await startEngine(config.backend, context);
    const open = () => openNormalizer(paths.normalizer, openEmbedder, context);
    const [normalizer, seconds] = await timed(() => inWay(config.backend, open));
    if (!isDeepStrictEqual(normalizer.settings, config.normalization)) {
      normalizer.dispose();
      throw new UsageError(
        `${from} has a normalizer that was built with other settings than --set asks for: name a config file to build one with them`,
      );
    }
    return { config, normalizer, seconds };
  }
  const corpus = await readCorpus(config.data.corpus, config.tasks, config.data);
  for (const line of warningLines(corpus)) context.notice(line);
  const { documents } = corpus;
  const split = await configuredSplit(documents, config);
  const [configured, seconds] = await timed(() => configuredNormalizer(config, documents, split, context));
  if (!configured)
    throw new InputError(
      `${config.data.corpus} has no codes in its training documents, and data.codes names no table: there is nothing to find codes with`,
    );
  return { config, normalizer: configured.normalizer, documents, seconds };
}

export interface CodedMention extends Omit<MentionRow, 'line'> {
  coding: Coding;
}

export interface CodedMentions {
  mentions: CodedMention[];
  /** Seconds that finding their codes took. */
  seconds: number;
}

/** Codes for the mentions of a file, in its order. */
export async function normalizeMentions(
  { normalizer }: Pick<OpenedSource, 'normalizer'>,
  mentions: readonly Omit<MentionRow, 'line'>[],
  options: CodingOptions,
  context: Context,
): Promise<CodedMentions> {
  const started = performance.now();
  const codings = await codeMentions(normalizer, mentions, options, context);
  const seconds = (performance.now() - started) / 1000;
  return { mentions: mentions.map((mention, i) => ({ ...mention, coding: codings[i]! })), seconds };
}

/** Codes for the coded spans of the documents that the source's config holds out, and how good they are. */
export async function normalizeValidation(
  { config, normalizer, ...source }: OpenedSource,
  from: string,
  options: CodingOptions,
  context: Context,
): Promise<CodedGold> {
  const read = () => readCorpus(config.data.corpus, config.tasks, config.data);
  const documents = source.documents ?? (await read()).documents;
  const saved = runPaths(from).split;
  const data = existsSync(saved) ? { ...config.data, split: saved } : config.data;
  const held = new Set(scoredNames(await configuredSplit(documents, { seed: config.seed, data })));
  const coded = documents.filter(({ name, codes }) => held.has(name) && codes.length > 0);
  if (coded.length === 0)
    throw new InputError(
      `${config.data.corpus}: no document that is held out has codes; give --mentions or --corpus, or data.norm its table`,
    );
  return scoreDocuments({ config, normalizer }, coded, options, context);
}

/**
 * Codes for the gold spans of all documents of another corpus, scored: those of its NORM table. Without a table
 * they are the spans of the task that gets codes, and there is nothing to score. Documents that trained are told.
 */
export async function normalizeCorpus(
  source: OpenedSource,
  { from, folder, format: asked }: { from: string; folder: string; format: CorpusFormatName | 'auto' },
  options: CodingOptions,
  context: Context,
): Promise<CodedGold | CodedMentions> {
  const { config, normalizer } = source;
  const task = codedTask(config);
  const norm = config.data.norm === 'none' ? 'none' : null;
  const tasks = { [task]: config.tasks[task]! };
  const format = asked === 'auto' ? await detectFormat(folder, tasks, '--format') : asked;
  const { documents } = await readCorpus(folder, tasks, { format, norm });
  const coded = documents.filter(({ codes }) => codes.length > 0);
  if (coded.length > 0) {
    const trained = new Set(await trainingNames(source, from));
    const known = coded.filter(({ name }) => trained.has(name)).length;
    if (known > 0)
      context.notice(
        `${known} of the ${coded.length} documents with codes have the names of documents that trained: where they are the same, their codes are known, and the scores are too good`,
      );
    return scoreDocuments({ config, normalizer }, coded, options, context);
  }
  const mentions = documents.flatMap(({ name, text, spans }) => {
    const points = codePoints(text);
    return spans[task]!.map(({ label, start, end }): Omit<MentionRow, 'line'> => {
      return { text: points.slice(start, end), label, filename: name, span: { start, end } };
    });
  });
  if (mentions.length === 0)
    throw new InputError(`${folder} has no spans of the task ${task} to find codes for`);
  return normalizeMentions({ normalizer }, mentions, options, context);
}

/** Documents that trained, as far as that is known without reading a corpus. */
async function trainingNames({ config, documents }: OpenedSource, from: string): Promise<string[]> {
  const saved = runPaths(from).split;
  if (existsSync(saved)) return (await readSplit(saved)).training;
  return documents === undefined ? [] : (await configuredSplit(documents, config)).training;
}

function scoreDocuments(
  { config, normalizer }: Pick<OpenedSource, 'config' | 'normalizer'>,
  documents: readonly Document[],
  options: CodingOptions,
  context: Context,
): Promise<CodedGold> {
  const codes = normalizer.knowledge.concepts.map(({ code }) => code);
  const scored = {
    ...options,
    task: codedTask(config),
    validCodes: config.data.codes === null ? undefined : new Set(codes),
  };
  return evaluateGoldSpans(normalizer, documents, scored, context);
}
