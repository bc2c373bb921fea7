import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CorpusFormatName } from '../../../src/config/choices.js';
import { readCorpus } from '../../../src/data/corpus.js';
import { formats } from '../../../src/data/formats/registry.js';
import { InputError } from '../../../src/errors.js';
import { anyDocuments } from '../../support/anyCorpus.js';
import { asRead } from '../../support/asRead.js';
import { document, twoTasks } from '../../support/corpus.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();
const lines = (...records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');
const read = (content: string | Uint8Array, format: CorpusFormatName | 'auto' = 'auto', tolerant = false) =>
  asRead(folder(), { 'a.jsonl': content }, { format, tolerant });

describe('JSONL', () => {
  test("of Prodigy has spans, a name of the document's, and answers", async () => {
    const { documents, spans, passedOver } = await read(
      lines(
        // As https://prodi.gy/docs/api-interfaces has it
        {
          text: '👩 Ana en Lima',
          tokens: [{ text: 'Ana', start: 2, end: 5, id: 0 }],
          spans: [
            { start: 9, end: 13, label: 'LOC', token_start: 2, token_end: 2 },
            { start: 2, end: 5, label: 'PER' },
          ],
          meta: { source: 'x', document: 'nota' },
          answer: 'accept',
          _input_hash: 1,
          relations: [{ head: 0, child: 2, label: 'in' }],
        },
        { text: 'Bo', spans: [{ start: 0, end: 2, label: 'PER' }], answer: 'reject' },
        { text: 'Bo', answer: 'ignore' },
        { text: 'Nadie', answer: 'accept' },
      ),
    );
    expect(documents.map(({ name, text }) => [name, text])).toEqual([
      ['a-00004', 'Nadie'],
      ['nota', '👩 Ana en Lima'],
    ]);
    expect(spans).toEqual([[], ['PER 2 5', 'LOC 9 13']]);
    expect(passedOver).toEqual({
      relations: 1,
      'examples with the answer reject': 1,
      'examples with the answer ignore': 1,
    });
  });

  test('of doccano has lists of start, end and label, or entities', async () => {
    const { spans, passedOver } = await read(
      lines(
        // As https://doccano.github.io/doccano/tutorial/ and its exports have it
        { id: 1, text: 'Ana en Lima', label: [[0, 3, 'PER'], [7, 11, 'LOC']], Comments: ['?'] }, // prettier-ignore
        { id: 2, text: 'Ana', labels: [[0, 3, 'PER']] },
        {
          id: 3,
          text: 'Ana',
          entities: [{ id: 0, label: 'PER', start_offset: 0, end_offset: 3 }],
          relations: [{ id: 0, from_id: 0, to_id: 0, type: 'x' }],
        },
      ),
    );
    expect(spans).toEqual([['PER 0 3', 'LOC 7 11'], ['PER 0 3'], ['PER 0 3']]);
    expect(passedOver).toEqual({ relations: 1, comments: 1 });
  });

  test("of Hugging Face's token classification has tokens and tags", async () => {
    const { documents, spans } = await read(
      lines(
        { id: '0', tokens: ['Ana', 'Soto', 'va'], ner_tags: ['B-PER', 'I-PER', 'O'], pos_tags: [22, 22, 38] },
        { id: '1', document: 'd', tokens: ['A', 'Lima'], ner_tags: ['O', 'B-LOC'] },
        { id: '2', document: 'd', tokens: ['Bo', 'va'], ner_tags: ['B-PER', 'O'] },
        {
          id: '3',
          document: 'e',
          text: ' Bo  va.\n',
          tokens: ['Bo', 'va', '.'],
          ner_tags: ['PER', 'O', 'O'],
        },
      ),
    );
    expect(documents.map(({ name, text }) => [name, text])).toEqual([
      ['a-00001', 'Ana Soto va'],
      ['d', 'A Lima\nBo va'],
      ['e', ' Bo  va.\n'],
    ]);
    expect(spans).toEqual([['PER 0 8'], ['LOC 2 6', 'PER 7 9'], ['PER 1 3']]);
  });

  test.each(['prodigy', 'doccano', 'huggingface'] as const)('of %s comes back as it was', async (format) => {
    await fc.assert(
      fc.asyncProperty(anyDocuments, async (documents) => {
        const file = join(folder(), 'x.jsonl');
        await formats[format].write(file, documents, twoTasks);
        const again = (await readCorpus(file, twoTasks)).documents;
        for (const [i, before] of documents.entries()) {
          const { spans, ...rest } = again[i]!;
          const { spans: spansBefore, ...restBefore } = before;
          expect(rest).toEqual(restBefore);
          const lost = formats[format].lost(before, twoTasks);
          if (format !== 'huggingface') expect(lost).toEqual({});
          if (Object.keys(lost).length === 0) expect(spans).toEqual(spansBefore);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is written as the tools want it', async () => {
    const one = document('a', '👩 Ana.\nBo', { ner: [['A', 'Ana']], class: [['X', 'Bo']] });
    const written = async (format: CorpusFormatName) => {
      const file = join(folder(), 'x.jsonl');
      await formats[format].write(file, [one], twoTasks);
      const all = readFileSync(file, 'utf8').trimEnd().split('\n');
      return all.map((line): unknown => JSON.parse(line));
    };
    expect(await written('prodigy')).toEqual([
      {
        text: '👩 Ana.\nBo',
        spans: [{ start: 2, end: 5, label: 'A' }, { start: 7, end: 9, label: 'X' }], // prettier-ignore
        meta: { document: 'a' },
      },
    ]);
    expect(await written('doccano')).toEqual([
      { text: '👩 Ana.\nBo', label: [[2, 5, 'A'], [7, 9, 'X']], document: 'a' }, // prettier-ignore
    ]);
    const first = { tokens: ['👩', 'Ana', '.'], ner_tags: ['O', 'B-A', 'O'], class_tags: ['O', 'O', 'O'] };
    const second = { tokens: ['Bo'], ner_tags: ['O'], class_tags: ['B-X'] };
    expect(await written('huggingface')).toEqual([
      { id: 'a:0', document: 'a', text: '👩 Ana.\n', ...first },
      { id: 'a:1', document: 'a', text: 'Bo', ...second },
    ]);
  });

  test('cannot say which of two tasks with one label a span is of, and counts that', () => {
    const tasks = { ner: twoTasks.ner, other: { folder: 'o', labels: ['A'] } };
    const { spans, ...rest } = document('a', 'Ana Bo', { ner: [['A', 'Ana'], ['B', 'Bo']] }); // prettier-ignore
    const one = { ...rest, spans: { ner: spans.ner!, other: [] } };
    const what = 'spans that are of one task, though another lists their label';
    expect(formats.prodigy.lost(one, tasks)).toEqual({ [what]: 1 });
  });
});

describe('JSONL that is wrong', () => {
  test.each<[CorpusFormatName, unknown, RegExp]>([
    [
      'prodigy',
      { text: 1 },
      /^….a.jsonl:2: this is not a record of Prodigy: text: expected string, received number\.$/,
    ],
    ['prodigy', [1], /this is not a record of Prodigy: it: expected object, received array\.$/],
    [
      'prodigy',
      { text: 'Ana', spans: [{ start: 0, end: 4, label: 'PER' }] },
      /:2: PER 0 4 points past the 3 characters of a-00002\.$/,
    ],
    [
      'prodigy',
      { text: 'Ana', spans: [{ start: 2, end: 2, label: 'PER' }] },
      /:2: PER 2 2 ends where it starts or before; the end is exclusive\.$/,
    ],
    [
      'prodigy',
      { text: 'Ana', spans: [{ start: -1, end: 2, label: 'PER' }] },
      /:2: PER -1 2 has offsets that are no whole numbers, 0 or more\.$/,
    ],
    ['prodigy', { text: '\ud83d Ana' }, /:2: the text of a-00002 has half of a character in it/],
    [
      'prodigy',
      { text: 'Ana', document: '../x' },
      /:2: the document name "..\/x" cannot be a file name; rename it\.$/,
    ],
    ...['x'.repeat(252), 'a\ud800', 'a\u202eb'].map((document): [CorpusFormatName, unknown, RegExp] => [
      'prodigy',
      { text: 'Ana', document },
      /:2: the document name ".*" cannot be a file name; rename it\.$/,
    ]),
    [
      'prodigy',
      { text: 'Ana', document: 'primero' },
      /:2: the document primero stands in ….a.jsonl:1 too; rename one\.$/,
    ],
    [
      'doccano',
      { text: 'Ana', label: ['positivo'] },
      /:2: this is not a record of doccano: label\[0\]: expected tuple, received string\.$/,
    ],
    [
      'huggingface',
      { tokens: ['Ana'] },
      /:2: it has no tags; they stand in a list as long as tokens, as ner_tags\.$/,
    ],
    [
      'huggingface',
      { tokens: ['Ana'], ner_tags: [1] },
      /:2: ner_tags has numbers, whose names the data set alone knows; write the names, as in "B-PER"\.$/,
    ],
    ['huggingface', { tokens: ['Ana'], ner_tags: [] }, /:2: ner_tags has 0 tags, and there are 1 tokens\.$/],
    [
      'huggingface',
      { tokens: ['Ana', 'va'], ner_tags: ['B-PER', 'PER'] },
      /:2: ner_tags has tags with B-, I-, … before the label, and "PER" without\.$/,
    ],
    [
      'huggingface',
      { text: 'Ana', tokens: ['Eva'], ner_tags: ['O'] },
      /:2: the tokens are not those of text, from "Eva" on; without text they make it\.$/,
    ],
  ])('%s %j', async (format, record, message) => {
    const first =
      format === 'huggingface' ? { tokens: ['x'], ner_tags: ['O'] } : { text: 'x', document: 'primero' };
    await expect(read(lines(first, record), format)).rejects.toThrow(message);
    const { documents, faults } = await read(lines(first, record), format, true);
    expect(faults).toHaveLength(1);
    expect(documents.length).toBeGreaterThan(0);
  });

  test('as a line is not JSON, or all is one list', async () => {
    await expect(read('{"text": "Ana"}\n{"text": "Bo"\n')).rejects.toThrow(/^….a.jsonl:2: the line is not JSON \(.*\); a file of this format has a record on every line\.$/); // prettier-ignore
    await expect(read('[{"text": "Ana"}]\n', 'prodigy')).rejects.toThrow(
      'it: expected object, received array',
    );
  });

  test('as it is of another encoding', async () => {
    const latin = Buffer.from('{"text": "Ana"}\n{"text": "médica"}\n', 'latin1');
    await expect(read(latin)).rejects.toThrow('…/a.jsonl:2: not UTF-8 at byte 11 (0xe9)');
    await expect(read(Buffer.from('\ufeff{}', 'utf16le'), 'prodigy')).rejects.toThrow('…/a.jsonl: the file is UTF-16; convert it to UTF-8.'); // prettier-ignore
  });

  test('as its first record is of no known form', async () => {
    await expect(read(lines({ texto: 'Ana' }))).rejects.toThrow(
      new InputError('…/a.jsonl begins with a record of none of the formats huggingface, prodigy, doccano: say which it is of with data.format, to be told what is wrong'), // prettier-ignore
    );
  });

  test('as one label that stands twice is taken once, and one that no task lists never', async () => {
    const spans = [{ start: 0, end: 3, label: 'PER' }, { start: 0, end: 3, label: 'PER' }, { start: 0, end: 3, label: 'job title' }]; // prettier-ignore
    const { faults, spans: read_ } = await read(lines({ text: 'Ana', spans }));
    expect(read_).toEqual([['PER 0 3']]);
    expect(faults).toEqual([
      'PER 0 3 stands twice in a-00001; taken once.',
      '1 span has the label "job title", which no task lists; ignored. A label that a task lists has no spaces and no semicolons.',
    ]);
  });
});
