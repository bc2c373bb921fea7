import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareExamples } from '../../../src/data/examples.js';
import { openTokenizerFile } from '../../../src/data/tokenizers/open.js';
import { parseVocabulary, specialPieces, trainVocabulary } from '../../../src/data/tokenizers/vocabulary.js';
import { wordPieceTokenizer } from '../../../src/data/tokenizers/wordPiece.js';
import { InputError } from '../../../src/errors.js';
import { twoOutputs } from '../../support/examples.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();
const vocabulary = [...specialPieces, 'médic', '##a', 'es', 'la', ',', 'e', '##\u0301', '医'];
const cased = wordPieceTokenizer(vocabulary);

/** The pieces of a text with their offsets, and the words. */
const encode = async (text: string, tokenizer = cased, named = vocabulary) => {
  const { ids, starts, ends, words, wordStarts, wordEnds } = await tokenizer.encode(text);
  return {
    pieces: [...ids].map((id, i) => `${named[id]} ${starts[i]}-${ends[i]}`),
    words: [...words],
    offsets: [...wordStarts].map((start, word) => `${start}-${wordEnds[word]}`),
  };
};

describe('a tokenizer', () => {
  test('gives pieces, their words and the offsets of both', async () => {
    expect(await encode('Es la médica,')).toEqual({
      pieces: ['[UNK] 0-2', 'la 3-5', 'médic 6-11', '##a 11-12', ', 12-13'],
      words: [0, 1, 2, 2, 3],
      offsets: ['0-2', '3-5', '6-12', '12-13'],
    });
  });

  test('has a word for every piece, and knows the first piece of every word', async () => {
    const { words, lastWords, firstPieces } = await cased.encode('Es la médica,');
    expect(lastWords).toEqual(words);
    expect([...firstPieces]).toEqual([0, 1, 2, 4]);
  });

  test('gives nothing for a text without words', async () => {
    const nothing = { pieces: [], words: [], offsets: [] };
    expect(await encode('')).toEqual(nothing);
    expect(await encode(' \r\n\t\u00a0')).toEqual(nothing);
    expect(await encode('\ufeff')).toEqual(nothing);
  });

  test('counts a byte order mark', async () => {
    expect((await encode('\ufeffla médica')).offsets).toEqual(['1-3', '4-10']);
  });

  test('counts a character beyond U+FFFF once', async () => {
    expect((await encode('👷 la 𝒜𝒜 es')).offsets).toEqual(['0-1', '2-4', '5-7', '8-10']);
  });

  test('counts carriage returns and control characters', async () => {
    expect((await encode('la\r\nes\u0000 l\u0007a es')).offsets).toEqual(['0-2', '4-6', '8-11', '12-14']);
  });

  test('counts combining marks, which belong to their word', async () => {
    expect(await encode('e\u0301 la')).toEqual({
      pieces: ['e 0-1', '##\u0301 1-2', 'la 3-5'],
      words: [0, 0, 1],
      offsets: ['0-2', '3-5'],
    });
  });

  test('leaves a lone surrogate out and counts it', async () => {
    expect((await encode('\ud83d la')).offsets).toEqual(['2-4']);
  });

  test('keeps apart the characters of a Chinese word', async () => {
    expect((await encode('医医la')).offsets).toEqual(['0-1', '1-2', '2-4']);
  });

  test('takes a word of more than a hundred characters as one unknown piece', async () => {
    expect(await encode(`${'a'.repeat(101)} la`)).toEqual({
      pieces: ['[UNK] 0-101', 'la 102-104'],
      words: [0, 1],
      offsets: ['0-101', '102-104'],
    });
  });

  test('encodes a text of any length', async () => {
    const { ids, ends } = await cased.encode('la médica '.repeat(20_000));
    expect(ids).toHaveLength(60_000);
    expect(ends.at(-1)).toBe(199_999);
  });

  test('gives a batch what each text gives alone', async () => {
    const texts = Array.from({ length: 150 }, (_, i) => 'la médica, '.repeat(i % 7));
    expect(await cased.encodeBatch(texts)).toEqual(
      await Promise.all(texts.map((text) => cased.encode(text))),
    );
  });

  test('lower-cases and strips accents where asked, words keeping their accents', async () => {
    const plain = [...specialPieces, 'cafe', 'medica'];
    const uncased = wordPieceTokenizer(plain, { lowercase: true });
    expect(await encode('Cafe\u0301 MÉDICA', uncased, plain)).toEqual({
      pieces: ['cafe 0-4', 'medica 6-12'],
      words: [0, 1],
      offsets: ['0-5', '6-12'],
    });
  });

  test('knows the ids of the special pieces, -1 where there is no [MASK]', () => {
    const { pad, unknown, cls, sep, mask, size } = wordPieceTokenizer([
      '[CLS]',
      '[SEP]',
      '[PAD]',
      '[UNK]',
      'la',
    ]);
    expect({ pad, unknown, cls, sep, mask, size }).toEqual({
      cls: 0,
      sep: 1,
      pad: 2,
      unknown: 3,
      mask: -1,
      size: 5,
    });
  });

  test('says where a vocabulary cannot be read', async () => {
    await expect(openTokenizerFile('nowhere/vocab.txt')).rejects.toThrow(
      'nowhere/vocab.txt cannot be read: it does not exist.',
    );
  });

  test('reads a vocabulary from a file', async () => {
    const file = join(folder(), 'vocab.txt');
    writeFileSync(file, vocabulary.join('\n'));
    const tokenizer = await openTokenizerFile(file);
    expect(tokenizer.size).toBe(vocabulary.length);
    expect(await encode('la médica', tokenizer)).toEqual(await encode('la médica'));
  });
});

describe('parseVocabulary', () => {
  const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'la'];

  test.each([
    ['with a last line end', `${pieces.join('\n')}\n`],
    ['without a last line end', pieces.join('\n')],
    ['with line ends of Windows', `${pieces.join('\r\n')}\r\n`],
    ['with a byte order mark', `\ufeff${pieces.join('\n')}`],
  ])('reads a file %s', (_, content) => {
    expect(parseVocabulary(content, 'vocab.txt')).toEqual(pieces);
  });

  test.each([
    ['a piece that is there twice', ['la', '[PAD]'], 'vocab.txt:6: [PAD] is already on line 1'],
    ['an empty line', ['la', '', 'el'], 'vocab.txt:6: the line is empty'],
  ])('refuses %s', (_, more, message) => {
    const content = [...pieces.slice(0, 4), ...more].join('\n');
    expect(() => parseVocabulary(content, 'vocab.txt')).toThrow(message);
    expect(() => parseVocabulary(content, 'vocab.txt')).toThrow(InputError);
  });

  test('names the special pieces that are missing', () => {
    expect(() => parseVocabulary('[PAD]\n[UNK]\nla\n', 'vocab.txt')).toThrow(
      'vocab.txt: [CLS], [SEP] missing; give the vocab.txt of a BERT model',
    );
  });
});

describe('trainVocabulary', () => {
  const texts = ['La médica y la enfermera.', 'La enfermera jubilada, la panadera 医.', 'ñu'];

  test('begins with the special pieces and holds frequent words', () => {
    const pieces = trainVocabulary(texts, 80);
    expect(pieces.slice(0, 5)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
    expect(pieces).toEqual(expect.arrayContaining(['La', 'la', 'enfermera']));
    expect(new Set(pieces).size).toBe(pieces.length);
  });

  test('keeps to the size', () => {
    expect(trainVocabulary(texts, 70)).toHaveLength(70);
  });

  test.each([5, 60, 500])('leaves no word of its texts unknown with size %d', async (size) => {
    const tokenizer = wordPieceTokenizer(trainVocabulary(texts, size));
    const words = [...new Set(texts.join('').replace(/\s/g, ''))].sort();
    for (const text of [...texts, words.reverse().join('')]) {
      expect([...(await tokenizer.encode(text)).ids]).not.toContain(tokenizer.unknown);
    }
  });

  test('makes the same vocabulary of the same texts', () => {
    expect(trainVocabulary(texts, 75)).toEqual(trainVocabulary([...texts], 75));
  });

  test('lower-cases where asked', () => {
    expect(trainVocabulary(['LA MÉDICA'], 50, { lowercase: true })).toContain('m');
    expect(trainVocabulary(['LA MÉDICA'], 50, { lowercase: true })).not.toContain('M');
  });
});

describe('prepareExamples', () => {
  test('tokenizes each document and labels its words for every output', async () => {
    const spans = { ner: [{ label: 'B', start: 3, end: 9 }], class: [{ label: 'X', start: 3, end: 9 }] };
    const documents = [
      { name: 'empty', text: '', spans: { ner: [], class: [] }, codes: [] },
      { name: 'one', text: 'la médica', spans, codes: [] },
    ];
    const [empty, one] = await prepareExamples(documents, cased, twoOutputs);
    expect(empty!.targets.map((ofOutput) => Array.from(ofOutput))).toEqual([[], []]);
    expect(one).toMatchObject({ name: 'one', text: 'la médica', spans });
    expect(one!.targets.map((ofOutput) => Array.from(ofOutput))).toEqual([
      [0, 0, 0, 1],
      [0, 1],
    ]);
    expect([...one!.encoded.words]).toEqual([0, 1, 1]);
  });
});
