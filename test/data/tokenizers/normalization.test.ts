import { describe, expect, test } from '@jest/globals';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTokenizer } from '../../../src/data/tokenizers/open.js';
import { specialPieces } from '../../../src/data/tokenizers/vocabulary.js';
import { fixtureFolder } from '../../support/fixtures.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();
const vocabulary = [
  ...specialPieces,
  'medico',
  'médico',
  'MÉDICO',
  'Medico',
  'Médico',
  'nino',
  'niño',
  '医',
  '医院',
];
const text = 'MÉDICO Médico niño 医院';

/** A folder with a vocab.txt, and what else is given beside it. */
function folderOf(config?: object, normalizer?: object): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'vocab.txt'), `${vocabulary.join('\n')}\n`);
  if (config) writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  if (!normalizer) return folder;
  const file = join(folder, 'tokenizer.json');
  cpSync(join(fixtureFolder, 'tokenizers/uncased/tokenizer.json'), file);
  const json = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...json, normalizer }));
  return folder;
}

async function pieces(folder: string, lowercase?: boolean): Promise<string> {
  const { ids } = await (await openTokenizer(folder, { lowercase })).encode(text);
  return [...ids].map((id) => vocabulary[id]).join(' ');
}

const bert = (parts: object) => ({
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  ...parts,
});
const keeps = bert({ lowercase: true, strip_accents: false });

describe("a vocab.txt's pieces are those of Python's BertTokenizer", () => {
  // prettier-ignore
  test.each([
    [{ do_lower_case: true }, 'medico medico nino 医 [UNK]'],
    [{ do_lower_case: false }, 'MÉDICO Médico niño 医 [UNK]'],
    [{ do_lower_case: true, strip_accents: false }, 'médico médico niño 医 [UNK]'],
    [{ do_lower_case: true, strip_accents: null }, 'medico medico nino 医 [UNK]'],
    [{ do_lower_case: false, strip_accents: true }, '[UNK] Medico nino 医 [UNK]'],
    [{ do_lower_case: false, tokenize_chinese_chars: false }, 'MÉDICO Médico niño 医院'],
  ])('with the settings %j, and opened again when they are saved', async (config, expected) => {
    const [folder, saved] = [folderOf(config), temporaryFolder()];
    expect(await pieces(folder)).toBe(expected);
    await (await openTokenizer(folder)).save(saved);
    expect(await pieces(saved)).toBe(expected);
  });

  test.each([[{ do_lower_case: true }], [{ do_lower_case: true, strip_accents: null }]])(
    'with the settings %j, whatever tokenizer.json has',
    async (config) => {
      expect(await pieces(folderOf(config, keeps))).toBe('medico medico nino 医 [UNK]');
    },
  );
});

describe('where tokenizer_config.json does not say it, a vocab.txt', () => {
  test.each([[undefined], [{ model_max_length: 512 }]])(
    "is normalised as tokenizer.json's is (%j)",
    async (config) => {
      const [folder, saved] = [folderOf(config, keeps), temporaryFolder()];
      expect(await pieces(folder)).toBe('médico médico niño 医 [UNK]');
      await (await openTokenizer(folder)).save(saved);
      expect(await pieces(saved)).toBe('médico médico niño 医 [UNK]');
      const joined = folderOf(config, bert({ lowercase: false, handle_chinese_chars: false }));
      expect(await pieces(joined)).toBe('MÉDICO Médico niño 医院');
    },
  );

  test('keeps case and accents without one', async () => {
    expect(await pieces(folderOf())).toBe('MÉDICO Médico niño 医 [UNK]');
  });

  test.each([
    ['of another kind', { type: 'NFKC' }],
    ['that cleans no text', bert({ clean_text: false })],
  ])('is refused beside a normalizer %s', async (_, normalizer) => {
    await expect(openTokenizer(folderOf({}, normalizer))).rejects.toThrow(
      /tokenizer\.json: its normalizer does something else to texts .*: set encoder\.vocabulary to this file$/,
    );
  });
});

test('keeps accents where lower case is asked for and the folder keeps them', async () => {
  const folder = folderOf({ do_lower_case: false, strip_accents: false });
  expect(await pieces(folder, true)).toBe('médico médico niño 医 [UNK]');
  expect(await pieces(folderOf({ do_lower_case: false }), true)).toBe('medico medico nino 医 [UNK]');
});

test('tells tokenizers apart that keep accents, and no others', async () => {
  const identities = [{ do_lower_case: true }, { do_lower_case: true, strip_accents: false }].map(
    async (config) => (await openTokenizer(folderOf(config))).identity,
  );
  const [strips, keeping] = await Promise.all(identities);
  expect(strips).toHaveLength(1);
  expect(keeping).toEqual([strips![0], '{"strip_accents":false}']);
});

test('refuses settings that are no answer', async () => {
  await expect(openTokenizer(folderOf({ strip_accents: 'no' }))).rejects.toThrow(
    /tokenizer_config\.json: strip_accents is "no"; it must be true or false$/,
  );
});

test('words are those of every tokenizer where a piece is of several Chinese characters', async () => {
  const folder = folderOf({ do_lower_case: false, tokenize_chinese_chars: false });
  const { words, lastWords, wordStarts } = await (await openTokenizer(folder)).encode('niño 医院');
  expect([[...words], [...lastWords], [...wordStarts]]).toEqual([
    [0, 1],
    [0, 2],
    [0, 5, 6],
  ]);
});
