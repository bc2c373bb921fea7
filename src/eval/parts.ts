import type { Document } from '../data/document.js';
import { randomFrom } from '../data/random.js';
import { twinPlaces } from '../data/twins.js';

/**
 * The part of each document: parts are of like size, and drawn. Twins are in one, so that what is set by the other parts
 * has seen nothing of it.
 */
export function dealt(documents: readonly Pick<Document, 'text'>[], parts: number, seed: number): Int32Array {
  const partOf = new Int32Array(documents.length);
  const sizes = Array<number>(parts).fill(0);
  for (const twins of randomFrom(seed).shuffle(twinPlaces(documents.map(({ text }) => text)))) {
    const part = sizes.indexOf(Math.min(...sizes));
    for (const place of twins) partOf[place] = part;
    sizes[part]! += twins.length;
  }
  return partOf;
}
