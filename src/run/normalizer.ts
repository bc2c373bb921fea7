import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { Document } from '../data/document.js';
import { readCodes } from '../data/norm.js';
import type { Split } from '../formats/split.js';
import { UsageError } from '../errors.js';
import { linkFolder } from '../files/replace.js';
import { startEngine } from '../backend/engine.js';
import { inWay } from '../backend/precision.js';
import { buildNormalizer, type BuiltNormalizer } from '../normalize/build.js';
import type { Context } from '../context.js';
import { embedderSettings, openEmbedder, sourceOf } from '../normalize/embedders/open.js';
import { saveNormalizer, ENCODER } from '../normalize/folder.js';
import { gatherKnowledge, type Knowledge } from '../normalize/knowledge.js';
import { codedTaskOf } from '../normalize/normalizer.js';
import { trainedEncoder } from './sentenceEncoder.js';

/** What finds codes, and the encoder that was trained for it, if one was. */
export interface ConfiguredNormalizer {
  normalizer: BuiltNormalizer;
  encoder?: string;
}

/** The task whose spans get codes. @throws UsageError where the config names one that it lacks */
export function codedTask({ tasks, normalization }: Pick<Config, 'tasks' | 'normalization'>): string {
  const names = Object.keys(tasks);
  const task = codedTaskOf(normalization, names);
  if (!names.includes(task))
    throw new UsageError(`normalization.task is ${task}, and the tasks are ${names.join(', ')}`);
  return task;
}

/**
 * Looks at the files that what finds codes will need after training, before it.
 * @throws InputError, UsageError where one is missing or does not fit
 */
export async function checkNormalizer(config: Config): Promise<void> {
  codedTask(config);
  const { embedding } = config.normalization;
  if (config.data.codes !== null) await readCodes(config.data.codes);
  if (embedding.weight > 0) await sourceOf(embedding);
}

/**
 * What finds codes, from the training documents of a split and the table of valid codes; undefined where
 * neither has any. Starts the engine where sentence embeddings are used.
 */
export async function configuredNormalizer(
  config: Config,
  documents: readonly Document[],
  split: Split,
  context: Context,
): Promise<ConfiguredNormalizer | undefined> {
  const task = codedTask(config);
  const names = new Set(split.training);
  const training = documents.filter(({ name }) => names.has(name));
  const table = config.data.codes;
  const codes = table === null ? undefined : await readCodes(table);
  if (!codes && training.every((document) => document.codes.length === 0)) return undefined;
  const { knowledge, invalid } = gatherKnowledge(training, codes, task);
  if (invalid > 0)
    context.notice(
      `Mentions of the training documents whose code ${table} does not have, left out: ${invalid}.`,
    );
  const { normalization: settings, seed } = config;
  const opened = settings.embedding.weight > 0 ? await openSentences(config, knowledge, context) : undefined;
  try {
    const given = { seed, embedder: opened?.embedder };
    const normalizer = await buildNormalizer(knowledge, settings, given, context);
    return { normalizer, encoder: opened?.encoder };
  } catch (error) {
    opened?.embedder.dispose();
    throw error;
  }
}

async function openSentences(
  { normalization: { embedding }, seed, backend }: Config,
  knowledge: Knowledge,
  context: Context,
) {
  await startEngine(backend, context);
  return inWay(backend, async () => {
    if (embedding.training.epochs === 0) return { embedder: await openEmbedder(embedding, context) };
    const encoder = await trainedEncoder(knowledge, embedding, seed, context);
    return { encoder, embedder: await openEmbedder(embedderSettings(embedding, encoder), context) };
  });
}

/** Puts it into a run's folder, the encoder by links. */
export async function saveConfigured(
  folder: string,
  { normalizer, encoder }: ConfiguredNormalizer,
): Promise<void> {
  if (encoder !== undefined) await linkFolder(encoder, join(folder, ENCODER));
  await saveNormalizer(folder, normalizer);
}
