import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { exists, readBytes } from '../../files/text.js';
import { parseObject, type Json } from './json.js';
import type { SpecialIds } from './tokenizer.js';

/** What a folder's tokenizer_config.json and special_tokens_map.json say; empty where they are not there. */
export interface TokenizerSettings {
  config: Json;
  map: Json;
  /** Those of the two that are there, as they stand. */
  files: [name: string, content: Uint8Array][];
}

export const noSettings: TokenizerSettings = { config: {}, map: {}, files: [] };

export async function readSettings(folder: string): Promise<TokenizerSettings> {
  const files: TokenizerSettings['files'] = [];
  const read = async (name: string): Promise<Json> => {
    const file = join(folder, name);
    if (!(await exists(file))) return {};
    const content = await readBytes(file);
    files.push([name, content]);
    return parseObject(content, file);
  };
  const config = await read('tokenizer_config.json');
  return { config, map: await read('special_tokens_map.json'), files };
}

/** What the special pieces are called in a family's own files. */
export interface SpecialNames {
  cls: string;
  sep: string;
  pad: string;
  unknown: string;
  mask: string;
}

export const bertNames: SpecialNames = {
  cls: '[CLS]',
  sep: '[SEP]',
  pad: '[PAD]',
  unknown: '[UNK]',
  mask: '[MASK]',
};
export const robertaNames: SpecialNames = {
  cls: '<s>',
  sep: '</s>',
  pad: '<pad>',
  unknown: '<unk>',
  mask: '<mask>',
};

/** Under which keys the settings name each special piece; the first that is in the vocabulary counts. */
const keys: Record<keyof SpecialIds, string[]> = {
  cls: ['cls_token', 'bos_token'],
  sep: ['sep_token', 'eos_token'],
  pad: ['pad_token'],
  unknown: ['unk_token'],
  mask: ['mask_token'],
};

/**
 * The ids of the special pieces: as the tokenizer's own parts say (`known`), else as the settings name them,
 * else by the family's names.
 * @throws InputError where nothing says which piece goes before a text, after it, or into padding
 */
export function specialIds(
  file: string,
  idOf: (piece: string) => number | undefined,
  known: Partial<SpecialIds>,
  { config, map }: Pick<TokenizerSettings, 'config' | 'map'>,
  names: SpecialNames,
): SpecialIds {
  const find = (which: keyof SpecialIds): number => {
    const named = keys[which].flatMap((key) => [nameIn(config[key]), nameIn(map[key])]);
    const ids = [...named, names[which]].map((name) => (name === undefined ? undefined : idOf(name)));
    return known[which] ?? ids.find((id) => id !== undefined) ?? -1;
  };
  const found = {
    cls: find('cls'),
    sep: find('sep'),
    pad: find('pad'),
    unknown: find('unknown'),
    mask: find('mask'),
  };
  const missing = (['cls', 'sep', 'pad'] as const).find((which) => found[which] < 0);
  if (missing)
    throw new InputError(
      `${file}: nothing says which piece goes ${places[missing]}; name one of the vocabulary as ${keys[missing][0]} in tokenizer_config.json`,
    );
  return found;
}

const places = { cls: 'before a text', sep: 'after a text', pad: 'into padding' };

/** A piece is named by its text, or by an object with its text and how it is found. */
export function nameIn(value: unknown): string | undefined {
  const name = typeof value === 'object' && value ? (value as Json).content : value;
  return typeof name === 'string' ? name : undefined;
}

/**
 * The pieces that a tokenizer.json's post-processor puts before and after a text.
 * @throws InputError where it puts several
 */
export function idsAround(file: string, processor: unknown): Pick<Partial<SpecialIds>, 'cls' | 'sep'> {
  const { type, ...parts } = (processor ?? {}) as Json;
  if (type === 'Sequence' && Array.isArray(parts.processors))
    return Object.assign({}, ...parts.processors.map((one: unknown) => idsAround(file, one)));
  if (type === 'BertProcessing' || type === 'RobertaProcessing')
    return {
      ...withId('cls', (parts.cls as unknown[])?.[1]),
      ...withId('sep', (parts.sep as unknown[])?.[1]),
    };
  if (type !== 'TemplateProcessing' || !Array.isArray(parts.single)) return {};
  const template = parts.single as { SpecialToken?: { id: string } }[];
  const tokens = (parts.special_tokens ?? {}) as Record<string, { ids?: unknown[] }>;
  const text = template.findIndex((one) => !one.SpecialToken);
  const idsOf = (side: typeof template) =>
    side.flatMap(({ SpecialToken }) => tokens[SpecialToken?.id ?? '']?.ids ?? []);
  const [before, after] = [idsOf(template.slice(0, text)), idsOf(template.slice(text + 1))];
  if (before.length > 1 || after.length > 1)
    throw new InputError(
      `${file}: ${before.length} pieces go before a text and ${after.length} after it; only one on either side can be put there: take an encoder like BERT or RoBERTa`,
    );
  return { ...withId('cls', before[0]), ...withId('sep', after[0]) };
}

function withId(which: 'cls' | 'sep', id: unknown): { cls?: number; sep?: number } {
  return typeof id === 'number' ? { [which]: id } : {};
}
