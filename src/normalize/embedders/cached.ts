import { precisionNow } from '../../backend/precision.js';
import { lockWaiting } from '../../files/holding.js';
import type { Embedder } from '../embedder.js';
import type { EmbedderSource } from './source.js';
import { keyOf, openVectorFile, type VectorFile } from './vectorFile.js';

/** Vectors that are computed before they are written: what a killed process loses. */
const AT_ONCE = 512;

/**
 * An embedder that keeps its vectors in a file of `folder`, by the embedder's name, the engine's precision
 * and the sentence's text.
 * What is there is read, a sentence asked for several times is computed once, and the weights are loaded
 * when something is left to compute, and only then. Vectors are in memory while they are on their way.
 */
export function cachedEmbedder(folder: string, source: EmbedderSource): Embedder {
  const { name, dimension } = source;
  let opening: Promise<Embedder> | undefined;
  let inner: Embedder | undefined;
  return {
    name,
    dimension,
    async embed(sentences, onProgress = () => {}) {
      const vectors = new Float32Array(sentences.length * dimension);
      const missing = new Map<string, number[]>(); // key → indices of the sentences
      for (const [index, sentence] of sentences.entries()) {
        const key = keyOf(sentence);
        missing.set(key, [...(missing.get(key) ?? []), index]);
      }
      let done = 0;
      const put = (key: string, vector: Float32Array) => {
        const indices = missing.get(key)!;
        for (const index of indices) vectors.set(vector, index * dimension);
        done += indices.length;
        missing.delete(key);
      };
      const openFile = () => openVectorFile(folder, `${name}-${precisionNow()}`, dimension);
      const takeKnown = async (file: VectorFile) => {
        const vector = new Float32Array(dimension);
        for (const key of [...missing.keys()]) if (await file.read(key, vector)) put(key, vector);
      };
      const before = await openFile();
      await takeKnown(before).finally(before.close);
      onProgress(done, sentences.length);
      if (missing.size === 0) return vectors;

      const unlock = await lockWaiting(`${before.path}.lock`, 'computing the same sentence embeddings', warn);
      const file = await openFile();
      try {
        await takeKnown(file); // what another process has computed meanwhile
        const length = ([, [first]]: [string, number[]]) => sentences[first!]!.length;
        const left = [...missing].sort((a, b) => length(b) - length(a));
        for (let at = 0; at < left.length; at += AT_ONCE) {
          const some = left.slice(at, at + AT_ONCE);
          inner = await (opening ??= source.open());
          const texts = some.map(([, [first]]) => sentences[first!]!);
          const start = done;
          const values = await inner.embed(texts, (computed) =>
            onProgress(start + computed, sentences.length),
          );
          await file.append(some.map(([key]) => key), values); // prettier-ignore
          for (const [row, [key]] of some.entries())
            put(key, values.subarray(row * dimension, (row + 1) * dimension));
          onProgress(done, sentences.length);
        }
        return vectors;
      } finally {
        await file.close();
        unlock();
      }
    },
    dispose() {
      inner?.dispose();
      inner = opening = undefined;
    },
  };
}

const warn = (text: string) => process.emitWarning(text);
