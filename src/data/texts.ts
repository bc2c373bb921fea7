import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { CorpusFormatName } from '../config/choices.js';
import { UsageError } from '../errors.js';
import { listNames } from '../files/text.js';
import { readTexts } from './corpus.js';
import type { Document } from './document.js';
import { detectFormat } from './formats/detect.js';
import type { Reading } from './formats/format.js';
import { formats } from './formats/registry.js';

type Text = Pick<Document, 'name' | 'text'>;

/** Texts by their names, which are read one after another. */
export interface Texts {
  names: string[];
  /** Those whose names are wanted. */
  read(isWanted: (name: string) => boolean): AsyncIterable<Text>;
}

/**
 * The texts of a folder of .txt files, or those of a corpus in another format, whatever is annotated in them.
 * @throws InputError as `readTexts` and `readCorpus`; UsageError where nothing tells the format
 */
export async function openTexts(input: string, asked: CorpusFormatName | 'auto' = 'auto'): Promise<Texts> {
  const format = asked === 'auto' ? await formatOf(input) : asked;
  if (format === 'brat')
    return { names: await listNames(input, '.txt'), read: (isWanted) => readTexts(input, isWanted) };
  const names: string[] = [];
  for await (const { name } of documentsIn(input, format)) names.push(name);
  return {
    names,
    async *read(isWanted) {
      for await (const { name, text } of documentsIn(input, format)) if (isWanted(name)) yield { name, text };
    },
  };
}

/** A folder with texts is one of texts, whatever else is there. */
async function formatOf(input: string): Promise<CorpusFormatName> {
  const texts = await listNames(input, '.txt').catch(() => []);
  const isText = /\.txt$/i.test(input) && (await stat(input).catch(() => undefined))?.isFile();
  if (isText)
    throw new UsageError(
      `${input} is one file: name the folder of .txt files; where the file is a corpus, say its format with --format`,
    );
  return texts.length > 0 ? 'brat' : detectFormat(input, {}, '--format');
}

function documentsIn(input: string, format: CorpusFormatName): AsyncIterable<Document> {
  const nothing: Reading = {
    tasks: {},
    tolerant: false,
    hash: createHash('sha256'),
    faults: [],
    unsorted: [],
    passedOver: {},
  };
  return formats[format].read(input, nothing);
}
