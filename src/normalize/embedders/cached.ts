import { precisionNow } from '../../backend/precision.js';
import type { Context } from '../../context.js';
import { withLock } from '../../files/holding.js';
import { removeDeadLock } from '../../files/lock.js';
import type { Embedder } from '../embedder.js';
import type { EmbedderSource } from './source.js';
import { keyOf, openVectorFile, type VectorFile } from './vectorFile.js';
import { groupBy } from '../../data/groupBy.js';

/**
 * An embedder that keeps its vectors in a file of `folder`, by the embedder's name, the engine's precision
 * and the sentence's text. A batch is written as soon as it is computed. What is there is read, a sentence asked for
 * several times is computed once, and the weights are loaded when something is left to compute, and only then. Vectors
 * are in memory while they are on their way.
 */
export function cachedEmbedder(folder: string, source: EmbedderSource, context: Context): Embedder {
  const { name, formerName, dimension } = source;
  let opening: Promise<Embedder> | undefined;
  let inner: Embedder | undefined;
  const openInner = () =>
    (opening ??= source.open(context).catch((error: unknown) => {
      opening = undefined; // the next one tries again
      throw error;
    }));
  return {
    name,
    formerName,
    dimension,
    async embed(sentences, { keep, reached } = {}) {
      const vectors = new Float32Array(sentences.length * dimension);
      const missing = groupBy(sentences.keys(), (index) => keyOf(sentences[index]!)); // key → indices of the sentences
      let done = 0;
      const put = async (key: string, vector: Float32Array) => {
        for (const index of missing.get(key)!) {
          vectors.set(vector, index * dimension);
          await keep?.([index], vector);
          done++;
        }
        missing.delete(key);
      };
      const openFile = () => openVectorFile(folder, `${name}-${precisionNow()}`, dimension);
      const takeKnown = async (file: VectorFile) => {
        const vector = new Float32Array(dimension);
        for (const key of [...missing.keys()]) if (await file.read(key, vector)) await put(key, vector);
        await reached?.(done);
      };
      const before = await openFile();
      await takeKnown(before).finally(before.close);
      const lock = `${before.path}.lock`;
      if (missing.size === 0) {
        await removeDeadLock(lock);
        return vectors;
      }
      const compute = async (file: VectorFile) => {
        await takeKnown(file); // what another process has computed meanwhile
        const textOf = (key: string) => sentences[missing.get(key)![0]!]!;
        const left = [...missing.keys()].sort((a, b) => textOf(b).length - textOf(a).length);
        if (left.length > 0) inner = await openInner();
        await inner?.embed(left.map(textOf), {
          async keep(rows, values) {
            const keys = rows.map((row) => left[row]!);
            await file.append(keys, values);
            for (const [row, key] of keys.entries())
              await put(key, values.subarray(row * dimension, (row + 1) * dimension));
          },
          reached: async () => reached?.(done),
        });
      };
      await withLock(lock, 'computing the same sentence embeddings', context, async () => {
        const file = await openFile();
        await compute(file).finally(file.close);
      });
      return vectors;
    },
    dispose() {
      inner?.dispose();
      inner = opening = undefined;
    },
  };
}
