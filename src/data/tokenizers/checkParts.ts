import { InputError } from '../../errors.js';
import { isWholeCharsmap, isWithinCharacter } from './charsmap.js';
import { shown } from '../../files/shown.js';
import type { Json } from './json.js';
import { repeatsLooseGroups } from './regex.js';

/** Most bytes that normalizers may make of one. */
const MOST_GROWTH = 100;

/**
 * Checks the parts of a tokenizer.json over which the library that reads it would end the process: nothing catches that.
 * @throws InputError naming the part
 */
export function checkParts(file: string, { normalizer, pre_tokenizer: splitter }: Json, model: Json): void {
  const fail = (what: string) => {
    throw new InputError(`${file}: ${what}; copy the file from the model again`);
  };
  const normalizers = partsOf(normalizer);
  for (const { type, precompiled_charsmap: map } of normalizers)
    if (type === 'Precompiled' && !isWholeCharsmap(map))
      fail('the precompiled_charsmap of its normalizer is damaged');
  if (normalizers.reduce((growth, part) => growth * growthOf(part), 1) > MOST_GROWTH)
    fail(`its normalizers make more than ${MOST_GROWTH} characters of one`);
  for (const { pattern } of [...normalizers, ...partsOf(splitter)]) {
    const { Regex: regex } = (pattern ?? {}) as Json;
    if (typeof regex === 'string' && repeatsLooseGroups(regex))
      fail(
        `its pattern ${shown(regex)} repeats what repeats or chooses itself, which takes some texts in endlessly many ways`,
      );
  }
  for (const { type, length } of partsOf(splitter))
    if (type === 'FixedLength' && !(Number(length ?? 1) >= 1))
      fail('its pre_tokenizer cuts texts into pieces of no length');
  const merge = mergeWithoutPrefix(model);
  if (merge !== undefined)
    fail(
      `the second piece of its merge ${merge + 1} has no continuing_subword_prefix that could be taken off`,
    );
}

/** A normalizer or pre-tokenizer, with those within it. */
function partsOf(part: unknown): Json[] {
  const all = [part];
  for (const one of all) {
    const { normalizers, pretokenizers } = (one ?? {}) as Json;
    for (const list of [normalizers, pretokenizers])
      if (Array.isArray(list)) for (const within of list) all.push(within);
  }
  return all.filter((one): one is Json => typeof one === 'object' && one !== null);
}

/** How many times as long a text may become by it. */
function growthOf({ type, pattern, content }: Json): number {
  if (type !== 'Replace' || typeof content !== 'string') return 1;
  const { String: text } = (pattern ?? {}) as Json;
  const replaced = typeof text === 'string' ? Buffer.byteLength(text) : 1;
  return Math.max(1, Buffer.byteLength(content) / Math.max(1, replaced));
}

/** The first merge from whose second piece the prefix cannot be taken. */
function mergeWithoutPrefix({ continuing_subword_prefix: prefix, merges }: Json): number | undefined {
  if (typeof prefix !== 'string' || prefix === '' || !Array.isArray(merges)) return undefined;
  const lengths = [[...prefix].length, Buffer.byteLength(prefix)]; // which of them is taken off is the library's affair
  const found = merges.findIndex((merge: unknown) => {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    const second: unknown = Array.isArray(pair) ? pair[1] : undefined;
    if (typeof second !== 'string') return false;
    const bytes = Buffer.from(second);
    return lengths.some((length) => bytes.length < length || isWithinCharacter(bytes[length]));
  });
  return found < 0 ? undefined : found;
}
