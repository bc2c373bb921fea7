import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { decodeText, exists, readBytes } from '../../files/text.js';
import { byteLevelBpe } from './byteLevelBpe.js';
import type { Normalization } from './normalizer.js';
import { readNormalization } from './readNormalization.js';
import { readSettings, type TokenizerSettings } from './special.js';
import type { Tokenizer } from './tokenizer.js';
import { parseTokenizerJson, tokenizerOfJson, type TokenizerJson } from './tokenizerJson.js';
import { parseVocabulary } from './vocabulary.js';
import { wordPieceTokenizer } from './wordPiece.js';

export interface TokenizerOptions {
  /** A vocab.txt or tokenizer.json instead of the folder's own. */
  vocabulary?: string | null;
  /** Of a vocab.txt: lower-case, and strip accents unless the folder keeps them; null or left out: as the folder says. */
  lowercase?: boolean | null;
}

/**
 * Opens the tokenizer of a folder: that of vocab.txt (BERT's WordPiece); of tokenizer.json where there is no
 * vocab.txt, or where it is of another kind than WordPiece; or of vocab.json and merges.txt (byte-level BPE).
 * @throws InputError naming the file that is missing, damaged or of a kind that cannot be read
 */
export async function openTokenizer(folder: string, options: TokenizerOptions = {}): Promise<Tokenizer> {
  const { vocabulary, lowercase } = options;
  if (vocabulary) {
    if (vocabulary.endsWith('.json')) return openJson(vocabulary, lowercase);
    return openVocabularyOf(folder, vocabulary, lowercase);
  }
  const [text, json] = [join(folder, 'vocab.txt'), join(folder, 'tokenizer.json')];
  const hasText = await exists(text);
  if (await exists(json)) {
    const parsed = parseTokenizerJson(await readBytes(json), json);
    if (!hasText || parsed.kind !== 'WordPiece') return openJson(json, lowercase, parsed);
  }
  if (hasText) return openVocabularyOf(folder, text, lowercase);
  const [pieces, merges] = [join(folder, 'vocab.json'), join(folder, 'merges.txt')];
  if ((await exists(pieces)) && (await exists(merges))) return openPair(pieces, merges, lowercase);
  throw new InputError(await whyNone(folder));
}

/**
 * Opens the tokenizer of one file: a vocab.txt, or a tokenizer.json with the settings beside it.
 * @throws InputError where it cannot be read
 */
export async function openTokenizerFile(
  file: string,
  { lowercase }: Pick<TokenizerOptions, 'lowercase'> = {},
): Promise<Tokenizer> {
  return file.endsWith('.json')
    ? openJson(file, lowercase)
    : openVocabulary(file, { lowercase: lowercase ?? false });
}

async function openVocabularyOf(
  folder: string,
  file: string,
  lowercase: TokenizerOptions['lowercase'],
): Promise<Tokenizer> {
  const settings = await readSettings(folder);
  const said = await readNormalization(folder, settings.config);
  return openVocabulary(file, { ...said, lowercase: lowercase ?? said.lowercase }, settings);
}

async function openVocabulary(
  file: string,
  normalization: Normalization,
  settings?: TokenizerSettings,
): Promise<Tokenizer> {
  const content = await readBytes(file);
  const vocabulary = parseVocabulary(decodeText(content, file), file);
  return wordPieceTokenizer(vocabulary, normalization, { file, content, settings });
}

async function openJson(
  file: string,
  lowercase: TokenizerOptions['lowercase'],
  parsed?: TokenizerJson,
): Promise<Tokenizer> {
  const read = parsed ?? parseTokenizerJson(await readBytes(file), file);
  const settings = await readSettings(dirname(file));
  const files = new Map([['tokenizer.json', read.content], ...settings.files]);
  return checkLowercase(tokenizerOfJson(read, settings, files), lowercase);
}

async function openPair(
  file: string,
  mergesFile: string,
  lowercase: TokenizerOptions['lowercase'],
): Promise<Tokenizer> {
  const settings = await readSettings(dirname(file));
  const vocabulary = { file, content: await readBytes(file) };
  const merges = { file: mergesFile, content: await readBytes(mergesFile) };
  const json = byteLevelBpe(vocabulary, merges, settings);
  const files = new Map([
    ['vocab.json', vocabulary.content],
    ['merges.txt', merges.content],
    ...settings.files,
  ]);
  return checkLowercase(tokenizerOfJson(json, settings, files), lowercase);
}

function checkLowercase(tokenizer: Tokenizer, lowercase: TokenizerOptions['lowercase']): Tokenizer {
  if (typeof lowercase === 'boolean' && lowercase !== tokenizer.lowercase)
    throw new InputError(
      `${tokenizer.file} says itself that it ${tokenizer.lowercase ? 'lower-cases' : 'does not lower-case'} texts: leave encoder.lowercase out`,
    );
  return tokenizer;
}

async function whyNone(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const model = names.find((name) => /^(sentencepiece.*|spm|spiece|tokenizer)\.model$/.test(name));
  if (model)
    return `${join(folder, model)} is a SentencePiece model, which is not read: save a tokenizer.json into the folder with Python: AutoTokenizer.from_pretrained('${folder}').save_pretrained('${folder}')`;
  return `${join(folder, 'vocab.txt')} does not exist, nor does tokenizer.json, or vocab.json with merges.txt: put the model's vocabulary there, or set encoder.vocabulary`;
}
