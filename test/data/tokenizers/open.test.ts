import { describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTokenizer, openTokenizerFile } from '../../../src/data/tokenizers/open.js';
import type { Tokenizer } from '../../../src/data/tokenizers/tokenizer.js';
import { specialPieces } from '../../../src/data/tokenizers/vocabulary.js';
import { wordPieceTokenizer } from '../../../src/data/tokenizers/wordPiece.js';
import { fixtureFolder } from '../../support/fixtures.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();
const fixture = (kind: string) => join(fixtureFolder, 'tokenizers', kind);

/** A copy of a fixture that may be changed. */
function copyOf(kind: string): string {
  const folder = temporaryFolder();
  cpSync(fixture(kind), folder, { recursive: true });
  return folder;
}

type Tree = { [key: string]: any }; // eslint-disable-line @typescript-eslint/no-explicit-any

/** Changes a JSON file of a folder. */
function change(folder: string, name: string, edit: (json: Tree) => void): void {
  const file = join(folder, name);
  const json = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  edit(json);
  writeFileSync(file, JSON.stringify(json));
}

async function specials(folder: string) {
  const { cls, sep, pad, unknown, mask, size } = await openTokenizer(folder);
  return { cls, sep, pad, unknown, mask, size };
}

const vocabulary = [...specialPieces, 'la', 'médica'];
const writeVocabulary = (folder: string, pieces = vocabulary) =>
  writeFileSync(join(folder, 'vocab.txt'), `${pieces.join('\n')}\n`);

describe('special pieces are those', () => {
  test("of RoBERTa's names, beside a vocab.json", async () => {
    expect(await specials(fixture('roberta'))).toEqual({ cls: 0, pad: 1, sep: 2, unknown: 3, mask: 4, size: 700 }); // prettier-ignore
  });

  test('of the post-processor and of tokenizer_config.json', async () => {
    expect(await specials(fixture('byte-level'))).toEqual({ cls: 2, sep: 3, pad: 0, unknown: 1, mask: 4, size: 650 }); // prettier-ignore
    expect(await specials(fixture('unigram'))).toMatchObject({ cls: 0, sep: 2, pad: 1, unknown: 3 });
    expect(await specials(fixture('uncased'))).toMatchObject({ cls: 2, sep: 3, pad: 0, unknown: 1, mask: 4 });
  });

  test('that were added behind the vocabulary', async () => {
    const { size, mask } = await openTokenizer(fixture('unigram'));
    expect(mask).toBe(size - 1);
  });

  test('of the file, not of a name', async () => {
    const folder = copyOf('byte-level');
    change(folder, 'tokenizer.json', (json) => {
      json.padding = null;
      const { special_tokens: tokens } = json.post_processor;
      tokens['[CLS]'].ids = [7];
      const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false };
      json.post_processor = {
        type: 'Sequence',
        processors: [{ ...bytes, use_regex: true }, json.post_processor],
      };
    });
    const { vocab } = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')).model;
    change(folder, 'tokenizer_config.json', (json) => {
      json.pad_token = '.';
      delete json.mask_token;
    });
    change(folder, 'special_tokens_map.json', (json) => (json.mask_token = { content: ',' }));
    expect(await specials(folder)).toMatchObject({ cls: 7, sep: 3, pad: vocab['.'], mask: vocab[','] });
  });

  test('of bos_token and eos_token where there are no others', async () => {
    const folder = copyOf('unigram');
    change(folder, 'tokenizer.json', (json) => (json.post_processor = null));
    change(folder, 'tokenizer_config.json', (json) => Object.assign(json, { bos_token: '<pad>' }));
    expect(await specials(folder)).toMatchObject({ cls: 1, sep: 2 });
  });
});

describe('the tokenizer of a folder', () => {
  test('is vocab.txt where tokenizer.json is WordPiece too', async () => {
    const folder = copyOf('uncased');
    writeVocabulary(folder);
    expect(await openTokenizer(folder)).toMatchObject({ file: join(folder, 'vocab.txt'), size: 7 });
  });

  test('is tokenizer.json where that is of another kind, or alone', async () => {
    const folder = copyOf('unigram');
    writeVocabulary(folder);
    expect((await openTokenizer(folder)).file).toBe(join(folder, 'tokenizer.json'));
    const { lowercase, size } = await openTokenizer(fixture('uncased'));
    expect({ lowercase, size }).toEqual({ lowercase: true, size: 600 });
  });

  test('may be another: a vocab.txt, lower-cased as the folder says, or a tokenizer.json', async () => {
    const [folder, other] = [copyOf('uncased'), temporaryFolder()];
    writeVocabulary(other);
    change(folder, 'tokenizer_config.json', (json) => (json.do_lower_case = true));
    const file = join(other, 'vocab.txt');
    expect(await openTokenizer(folder, { vocabulary: file })).toMatchObject({ file, lowercase: true });
    const given = { vocabulary: file, lowercase: false };
    expect(await openTokenizer(folder, given)).toMatchObject({ lowercase: false });
    const json = join(fixture('unigram'), 'tokenizer.json');
    expect(await openTokenizer(folder, { vocabulary: json })).toMatchObject({ file: json, cls: 0 });
    expect(await openTokenizerFile(json)).toMatchObject({ file: json, cls: 0 });
  });

  test('gives all of a text, though the file says to cut and pad it', async () => {
    const { ids, ends } = await (await openTokenizer(fixture('byte-level'))).encode('la médica '.repeat(50));
    expect(ids.length).toBeGreaterThan(100);
    expect(ends.at(-1)).toBe(500);
    expect(await (await openTokenizer(fixture('byte-level'))).encode('')).toMatchObject({
      ids: new Int32Array(0),
    });
  });

  test('is saved with its own files, and is the same when it is opened again', async () => {
    const text = 'La médica,  jubilada\r\n(ñandú 👷) e\u0301';
    for (const kind of ['roberta', 'byte-level', 'unigram', 'byte-fallback', 'uncased']) {
      const [saved, tokenizer] = [temporaryFolder(), await openTokenizer(fixture(kind))];
      await tokenizer.save(saved);
      for (const name of readdirSync(fixture(kind)))
        expect(readFileSync(join(saved, name))).toEqual(readFileSync(join(fixture(kind), name)));
      const again = await openTokenizer(saved);
      expect(await again.encode(text)).toEqual(await tokenizer.encode(text));
      expect(again.identity).toEqual(tokenizer.identity);
    }
  });

  test('is saved with its own files where it is that of a vocab.txt, too', async () => {
    const [folder, saved] = [temporaryFolder(), temporaryFolder()];
    const files = {
      'vocab.txt': vocabulary.join('\r\n'),
      'tokenizer_config.json': '{"do_lower_case":true, "strip_accents":null, "model_max_length":512}',
      'special_tokens_map.json': '{"mask_token": "[MASK]"}',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const tokenizer = await openTokenizer(folder);
    await tokenizer.save(saved);
    for (const [name, content] of Object.entries(files))
      expect(readFileSync(join(saved, name), 'utf8')).toBe(content);
    expect((await openTokenizer(saved)).identity).toEqual(tokenizer.identity);
  });

  test('is saved with settings that say how texts are normalised, beside what the folder says', async () => {
    const folder = temporaryFolder();
    writeVocabulary(folder);
    const settingsOf = async (tokenizer: Tokenizer): Promise<unknown> => {
      const saved = temporaryFolder();
      await tokenizer.save(saved);
      return JSON.parse(readFileSync(join(saved, 'tokenizer_config.json'), 'utf8'));
    };
    const bare = { tokenizer_class: 'BertTokenizer', do_lower_case: true };
    expect(await settingsOf(await openTokenizer(folder, { lowercase: true }))).toEqual(bare);
    expect(await settingsOf(wordPieceTokenizer(vocabulary, { lowercase: true }))).toEqual(bare);
    change(folder, 'tokenizer_config.json', (json) => (json.model_max_length = 512));
    const more = { model_max_length: 512, do_lower_case: false };
    expect(await settingsOf(await openTokenizer(folder))).toEqual(more);
    change(folder, 'tokenizer_config.json', (json) => (json.do_lower_case = false));
    expect(await settingsOf(await openTokenizer(folder))).toEqual(more);
    const lower = await openTokenizer(folder, { lowercase: true });
    expect(await settingsOf(lower)).toEqual({ ...more, do_lower_case: true });
  });
});

describe('is refused with a sentence', () => {
  const json = (edit: (json: Tree) => void) => (folder: string) => change(folder, 'tokenizer.json', edit);
  // prettier-ignore
  const faults: [string, string, (folder: string) => void, RegExp][] = [
    ['a damaged tokenizer.json', 'unigram', (f) => writeFileSync(join(f, 'tokenizer.json'), '{"a'), /tokenizer\.json cannot be read as part of a tokenizer: it is not JSON.*copy the file/],
    ['a list', 'unigram', (f) => writeFileSync(join(f, 'tokenizer.json'), '[]'), /expected an object; copy/],
    ['a damaged tokenizer_config.json', 'unigram', (f) => writeFileSync(join(f, 'tokenizer_config.json'), '{'), /tokenizer_config\.json cannot be read as part of a tokenizer: it is not JSON/],
    ['no vocabulary', 'byte-level', json(({ model }) => delete model.vocab), /has no vocabulary \(model\.vocab\)/],
    ['an empty vocabulary', 'byte-level', json(({ model }) => (model.vocab = {})), /has no vocabulary/],
    ['another kind', 'byte-level', json(({ model }) => (model.type = 'Other')), /of the kind "Other" cannot be read; only WordPiece, BPE, Unigram, WordLevel can/],
    ['an unknown part', 'byte-level', json((all) => (all.normalizer = { type: 'Other' })), /is no tokenizer that can be read: .*save it again/],
    ['no unknown piece', 'unigram', json(({ model }) => (model.unk_id = null)), /the Unigram vocabulary has no piece for what is unknown/],
    ['no unknown piece but bytes', 'unigram', json(({ model }) => ((model.unk_id = null), (model.byte_fallback = true))), /the Unigram vocabulary has no piece for what is unknown/],
    ['a piece before a text that is not in the vocabulary', 'byte-level', json((all) => (all.post_processor.special_tokens['[CLS]'].ids = [30_000])), /a special piece has the number 30000, and the vocabulary ends at 649/],
    ['padding that is not in the vocabulary', 'byte-level', json((all) => (all.padding.pad_id = 99_999)), /a special piece has the number 99999/],
    ['no piece before a text', 'unigram', (f) => {
      json((all) => (all.post_processor = null))(f);
      json(({ model, added_tokens: added }) => ((added[0].content = '<x>'), (model.vocab[0][0] = '<x>')))(f);
    }, /nothing says which piece goes before a text; name one of the vocabulary as cls_token/],
    ['several pieces before a text', 'unigram', json(({ post_processor: { single } }) => single.unshift(single[0])), /2 pieces go before a text and 1 after it/],
    ['a merge that is none', 'roberta', (f) => writeFileSync(join(f, 'merges.txt'), '#version: 0.2\na b\na b c\n'), /merges\.txt:3: "a b c" is no pair of pieces/],
    ['a piece without a number', 'roberta', (f) => change(f, 'vocab.json', (all) => (all.a = 'x')), /vocab\.json: the piece "a" has no number/],
    ['no merges', 'roberta', (f) => rmSync(join(f, 'merges.txt')), /vocab\.txt does not exist, nor does tokenizer\.json, or vocab\.json with merges\.txt/],
    ['a vocab.txt of Latin-1', 'roberta', (f) => writeFileSync(join(f, 'vocab.txt'), Buffer.from([...vocabulary, 'niño'].join('\n'), 'latin1')), /vocab\.txt: not UTF-8 at byte \d+ \(0xe9\)/],
    ['settings that are a link to nothing', 'uncased', (f) => {
      symlinkSync('../../blobs/gone', join(f, 'tokenizer_config.json'));
    }, /tokenizer_config\.json cannot be read: it does not exist/],
    ['a SentencePiece model alone', 'unigram', (f) => {
      rmSync(join(f, 'tokenizer.json'));
      writeFileSync(join(f, 'sentencepiece.bpe.model'), '');
    }, /sentencepiece\.bpe\.model is a SentencePiece model, which is not read: save a tokenizer\.json .*AutoTokenizer/],
  ];
  test.each(faults)('%s', async (_, kind, spoil, message) => {
    const folder = copyOf(kind);
    spoil(folder);
    const error = await openTokenizer(folder).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: 'InputError' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(folder);
  });

  test('a wish for lower case that a tokenizer.json does not share', async () => {
    await expect(openTokenizer(fixture('unigram'), { lowercase: true })).rejects.toThrow(
      'tokenizer.json says itself that it does not lower-case texts: leave encoder.lowercase out',
    );
    expect((await openTokenizer(fixture('uncased'), { lowercase: true })).lowercase).toBe(true);
  });
});
