import { precisionNow } from '../../backend/precision.js';
import type { Embedder } from '../embedder.js';
import type { EmbedderSource } from './source.js';
import { keyOf, openVectorFile } from './vectorFile.js';

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
      const file = await openVectorFile(folder, `${name}-${precisionNow()}`, dimension);
      try {
        const vectors = new Float32Array(sentences.length * dimension);
        const missing = new Map<string, number[]>(); // key → indices of the sentences
        let done = 0;
        for (const [index, sentence] of sentences.entries()) {
          const key = keyOf(sentence);
          const target = vectors.subarray(index * dimension, (index + 1) * dimension);
          if (await file.read(key, target)) done++;
          else if (missing.has(key)) missing.get(key)!.push(index);
          else missing.set(key, [index]);
        }
        onProgress(done, sentences.length);
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
          for (const [row, [, indices]] of some.entries())
            for (const index of indices) {
              vectors.set(values.subarray(row * dimension, (row + 1) * dimension), index * dimension);
              done++;
            }
          onProgress(done, sentences.length);
        }
        return vectors;
      } finally {
        await file.close();
      }
    },
    dispose() {
      inner?.dispose();
      inner = opening = undefined;
    },
  };
}
