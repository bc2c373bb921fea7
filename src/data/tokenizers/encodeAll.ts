import type { Encoding, Tokenizer as Pipeline } from 'tokenizers';

const textsPerCall = 64;

/** What becomes of each text's pieces, special ones left out; only some texts' encodings are held at once. */
export async function encodeAll<T>(
  pipeline: Pipeline,
  texts: readonly string[],
  resultOf: (encoding: Encoding, index: number) => T,
): Promise<T[]> {
  const all: T[] = [];
  for (let first = 0; first < texts.length; first += textsPerCall) {
    const some = texts.slice(first, first + textsPerCall);
    const encodings = await pipeline.encodeBatch(some, { addSpecialTokens: false });
    encodings.forEach((encoding, i) => all.push(resultOf(encoding, first + i)));
  }
  return all;
}

/** Makes something when it is first asked for. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
