import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { shown } from '../../files/shown.js';
import { exists, readBytes } from '../../files/text.js';
import type { Json } from './json.js';
import type { Normalization } from './normalizer.js';
import { parseTokenizerJson } from './tokenizerJson.js';

/**
 * What a folder says of its vocab.txt: in tokenizer_config.json, as Python's BertTokenizer takes it, whatever
 * tokenizer.json has; in tokenizer.json where the other says nothing. By neither texts are not lower-cased.
 * @throws InputError where it is no answer, or tokenizer.json's normalizer is another than a vocab.txt has
 */
export async function readNormalization(folder: string, config: Json): Promise<Normalization> {
  const file = join(folder, 'tokenizer_config.json');
  const said = (key: string) => flagOf(config[key], key, file);
  const lowercase = said('do_lower_case');
  const own = { stripAccents: said('strip_accents'), splitChinese: said('tokenize_chinese_chars') };
  if (lowercase !== undefined) return { lowercase, ...own };
  const other = await readBertNormalizer(join(folder, 'tokenizer.json'));
  const isSaid = 'strip_accents' in config || 'tokenize_chinese_chars' in config;
  return isSaid ? { lowercase: other.lowercase, ...own } : other;
}

async function readBertNormalizer(file: string): Promise<Normalization> {
  const parsed = (await exists(file)) ? parseTokenizerJson(await readBytes(file), file) : undefined;
  if (parsed?.kind !== 'WordPiece' || !parsed.json.normalizer) return { lowercase: false };
  const { type, ...parts } = parsed.json.normalizer as Json;
  if (type !== 'BertNormalizer' || parts.clean_text === false)
    throw new InputError(
      `${file}: its normalizer does something else to texts than that of a vocab.txt: set encoder.vocabulary to this file`,
    );
  return {
    lowercase: flagOf(parts.lowercase, 'lowercase', file) ?? false,
    stripAccents: flagOf(parts.strip_accents, 'strip_accents', file),
    splitChinese: flagOf(parts.handle_chinese_chars, 'handle_chinese_chars', file),
  };
}

/** Null is no answer. */
function flagOf(value: unknown, key: string, file: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw new InputError(`${file}: ${key} is ${shown(value)}; it must be true or false`);
}
