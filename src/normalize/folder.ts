import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NormalizationConfig } from '../config/sections/normalization.js';
import type { Context } from '../context.js';
import { InputError } from '../errors.js';
import { isInside } from '../files/inside.js';
import { writeAtomically } from '../files/write.js';
import { type NormalizerFile, normalizerFormat } from '../formats/normalizer.js';
import { readStored } from '../formats/stored.js';
import { openSafetensors } from '../model/weights/safetensors.js';
import { checkShape } from '../model/weights/weightFile.js';
import { writeSafetensors } from '../model/weights/writeSafetensors.js';
import { embedderSettings } from './embedders/open.js';
import { buildNormalizer, type BuiltNormalizer, type Kept } from './build.js';
import type { Embedder } from './embedder.js';
import type { Knowledge } from './knowledge.js';
import { classifierShape } from './mentionClassifier.js';
import type { Normalizer } from './normalizer.js';
import { pointsOf } from './points.js';

export const FILE = 'normalizer.json';
export const VECTORS = 'vectors.safetensors';
/** Folder of the encoder that was trained for it, where one was. */
export const ENCODER = 'encoder';

/** Opens the sentence embedder that settings ask for. */
export type OpenEmbedder = (
  settings: NormalizerFile['settings']['embedding'],
  context: Context,
) => Promise<Embedder>;

/** Writes what `openNormalizer` reads: normalizer.json last, so that a folder with it is whole. */
export async function saveNormalizer(folder: string, normalizer: BuiltNormalizer): Promise<void> {
  const { knowledge, settings, seed, weights, embedding } = normalizer;
  await mkdir(folder, { recursive: true });
  const contexts = embedding?.vectors ?? [];
  await writeSafetensors(join(folder, VECTORS), [
    ...(weights
      ? [{ name: 'classifier', shape: classifierShape(knowledge, settings.classifier), data: weights }]
      : []),
    ...contexts.map((data, i) => ({
      name: `points.${i}`,
      data,
      shape: [data.length / embedding!.dimension, embedding!.dimension],
    })),
  ]);
  const content: NormalizerFile = {
    format: 1,
    seed,
    settings,
    embedder: embedding ? { name: embedding.embedder, dimension: embedding.dimension } : null,
    concepts: knowledge.concepts,
    mentions: knowledge.mentions.map(({ text, code, count, label }) => ({ text, code, count, label })),
  };
  await writeAtomically(join(folder, FILE), `${JSON.stringify(content, null, 1)}\n`);
}

/**
 * Opens a normalizer that was saved; nothing is trained or embedded anew.
 * @param change of settings that what was trained and embedded does not depend on
 * @throws InputError naming the file that is damaged, or an embedder that is not the one it was built with
 */
export async function openNormalizer(
  folder: string,
  openEmbedder: OpenEmbedder,
  context: Context,
  change: (settings: NormalizationConfig) => NormalizationConfig = (settings) => settings,
): Promise<Normalizer> {
  const {
    seed,
    embedder: built,
    concepts,
    mentions,
    ...saved
  } = await readStored(join(folder, FILE), normalizerFormat);
  const settings = change(saved.settings);
  const knowledge: Knowledge = { concepts, mentions };
  const codes = new Set(concepts.map(({ code }) => code));
  const strange = mentions.find(({ code }) => !codes.has(code));
  if (strange)
    throw new InputError(
      `${join(folder, FILE)}: a mention has the code ${strange.code}, which is none of its concepts: build it again`,
    );
  const { embedding } = settings;
  const embedder =
    embedding.weight > 0
      ? await openEmbedder(
          embedderSettings(cachedInside(embedding, join(folder, FILE), context), join(folder, ENCODER)),
          context,
        )
      : undefined;
  try {
    if (embedder && (!built || ![embedder.name, embedder.formerName].includes(built.name)))
      throw new InputError(
        `${join(folder, FILE)} was built with the embedder ${built?.name ?? '(none)'}, and ${embedding.weights} is ${embedder.name}: restore it, or build the normalizer again`,
      );
    const kept = await readKept(join(folder, VECTORS), knowledge, settings, embedder);
    return await buildNormalizer(knowledge, settings, { seed, kept, embedder }, context);
  } catch (error) {
    embedder?.dispose();
    throw error;
  }
}

/** The settings without a cache that is elsewhere: a model that others have made must not say where is written. */
function cachedInside<S extends { cache: string | null }>(settings: S, file: string, { notice }: Context): S {
  const { cache } = settings;
  if (cache === null || isInside(cache)) return settings;
  notice(
    `${file}: no vectors are kept in ${cache}, the embedding.cache that it names: it leads out of this folder`,
  );
  return { ...settings, cache: null };
}

async function readKept(
  file: string,
  knowledge: Knowledge,
  settings: NormalizerFile['settings'],
  embedder: Embedder | undefined,
): Promise<Kept> {
  const source = await openSafetensors(file);
  const read = async (name: string, shape: number[]) => {
    checkShape(source, name, shape, FILE, ': build the normalizer again');
    return source.read(name);
  };
  try {
    const kept: Kept = {};
    if (settings.classifier.weight > 0 && knowledge.mentions.length > 0)
      kept.weights = await read('classifier', classifierShape(knowledge, settings.classifier));
    if (embedder) {
      const { name, dimension } = embedder;
      const { contexts, contextPooling, points } = settings.embedding;
      const rows = pointsOf(knowledge, points).length;
      const matrices = contextPooling === 'best' ? contexts.length : 1;
      const vectors: Float32Array[] = [];
      for (let i = 0; i < matrices; i++) vectors.push(await read(`points.${i}`, [rows, dimension]));
      kept.embedding = { embedder: name, dimension, vectors };
    }
    return kept;
  } finally {
    await source.close();
  }
}
