import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startEngine } from '../backend/engine.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { readCorpus } from '../data/corpus.js';
import type { MentionRow } from '../data/mentions.js';
import { configuredSplit } from '../data/split.js';
import { InputError, UsageError } from '../errors.js';
import { openEmbedder } from '../normalize/embedders/open.js';
import { openNormalizer } from '../normalize/folder.js';
import type { Coding, CodingOptions, Normalizer } from '../normalize/normalizer.js';
import { evaluateGoldSpans, type CodedGold } from './evaluateCodes.js';
import { codedTask, configuredNormalizer, type NormalizerOptions } from './normalizer.js';
import { runPaths } from './paths.js';

export interface NormalizeSource extends NormalizerOptions {
  /** A run's folder, or a config file, from whose training documents the normalizer is built now. */
  from: string;
  set: string[];
}

export interface OpenedSource {
  config: Config;
  normalizer: Normalizer;
  /** Seconds until it was ready. */
  seconds: number;
}

/**
 * Opens a run's normalizer, or builds the one that a config describes.
 * @throws InputError for a run without one, or where neither the corpus nor data.codes have codes
 */
export async function openSource({ from, set, ...options }: NormalizeSource): Promise<OpenedSource> {
  const paths = runPaths(from);
  const isRun = existsSync(paths.config);
  const { config } = await loadConfig(isRun ? paths.config : from, { set });
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  if (isRun) {
    if (!existsSync(join(paths.normalizer, 'normalizer.json')))
      throw new InputError(
        `${from} has no normalizer: its training was not finished, or its corpus has no codes; name a config file to build one`,
      );
    if (config.normalization.embedding.weight > 0) {
      const { notice } = await startEngine(config.backend);
      if (notice) options.onNotice?.(notice);
    }
    const normalizer = await openNormalizer(paths.normalizer, openEmbedder);
    if (!isDeepStrictEqual(normalizer.settings, config.normalization)) {
      normalizer.dispose();
      throw new UsageError(
        `${from} has a normalizer that was built with other settings than --set asks for: name a config file to build one with them`,
      );
    }
    return { config, normalizer, seconds: seconds() };
  }
  const { documents } = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
  const split = await configuredSplit(documents, config);
  const configured = await configuredNormalizer(config, documents, split, options);
  if (!configured)
    throw new InputError(
      `${config.data.corpus} has no codes in its training documents, and data.codes names no table: there is nothing to find codes with`,
    );
  return { config, normalizer: configured.normalizer, seconds: seconds() };
}

export interface CodedMention extends MentionRow {
  coding: Coding;
}

/** Codes for the mentions of a file, in its order. */
export async function normalizeMentions(
  { normalizer }: OpenedSource,
  mentions: readonly MentionRow[],
  options: CodingOptions,
): Promise<CodedMention[]> {
  const codings = await normalizer.code(mentions, options);
  return mentions.map((mention, i) => ({ ...mention, coding: codings[i]! }));
}

/** Codes for the coded spans of the validation documents of the source's config, and how good they are. */
export async function normalizeValidation(
  { config, normalizer }: OpenedSource,
  from: string,
  options: CodingOptions,
): Promise<CodedGold> {
  const { documents } = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
  const saved = runPaths(from).split;
  const data = existsSync(saved) ? { ...config.data, split: saved } : config.data;
  const held = new Set((await configuredSplit(documents, { seed: config.seed, data })).validation);
  const coded = documents.filter(({ name, codes }) => held.has(name) && codes.length > 0);
  if (coded.length === 0)
    throw new InputError(
      `${config.data.corpus}: no validation document has codes; give --mentions, or data.norm its table`,
    );
  const codes = normalizer.knowledge.concepts.map(({ code }) => code);
  return evaluateGoldSpans(normalizer, coded, {
    ...options,
    task: codedTask(config),
    ...(config.data.codes !== null && { validCodes: new Set(codes) }),
  });
}
