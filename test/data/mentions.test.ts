import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { readMentions } from '../../src/data/mentions.js';
import { InputError } from '../../src/errors.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const read = (content: string, name = 't.tsv') =>
  readMentions(join(writeFiles(folder(), { [name]: content }), name));

describe('a file of mentions', () => {
  test('has one a line, without blanks around, a byte order mark or empty lines', async () => {
    expect(await read('\ufeffjuez \r\n\r\n en paro\n', 'mentions.txt')).toEqual([
      { text: 'juez', line: 1 },
      { text: 'en paro', line: 3 },
    ]);
  });

  test('may be a NORM table, whole or without codes', async () => {
    const row = { text: 'juez', filename: 'a', span: { start: 3, end: 7 }, line: 2 };
    expect(await read('filename\ttext\tspan\tcode\na\tjuez\t3 7\t2612\n')).toEqual([
      { ...row, code: '2612' },
    ]);
    expect(await read('"filename"\t"text"\t"span"\na\tjuez\t3 7\n')).toEqual([row]);
  });

  test('may have white space evened out, and counts code points', async () => {
    const spans = (await read('text\tspan\nen paro\t3 11\n👩‍⚕️\t0 4\n')).map(({ span }) => span);
    expect(spans).toEqual([
      { start: 3, end: 11 },
      { start: 0, end: 4 },
    ]);
  });

  test('may have labels, and other columns', async () => {
    expect(await read('note\tlabel\ttext\n-\tPROFESION\tjuez\n-\t\t"en\tparo"\n')).toEqual([
      { text: 'juez', label: 'PROFESION', line: 2 },
      { text: 'en\tparo', line: 3 },
    ]);
  });

  test.each([
    ['text\tspan\njuez\t3 siete\n', 't.tsv:2: the span "3 siete" is not two whole numbers'],
    ['text\tspan\njuez\t3 7\njuez\t7 7\n', 't.tsv:3: the span 7 7 ends where it starts or before'],
    ['text\tspan\n👩‍⚕️\t3 8\n', 't.tsv:2: the span 3 8 is 5 characters long, and the text "👩‍⚕️" has 4'],
    [
      'text\tspan\nen paro\t3 7\n',
      't.tsv:2: the span 3 7 is 4 characters long, and the text "en paro" has 7',
    ],
    ['text\tlabel\n \tA\n', 't.tsv:2: the text is empty'],
    ['text\tlabel\njuez\n', 't.tsv:2: the row has 1 fields where the header has 2'],
    ['mention\njuez\n', 't.tsv:1: the header has no column `text`'],
    ['text\n', 'has no mentions'],
    ['', 'the header has no column `text`'],
  ])('that cannot be read is told by line: %j', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
    await expect(read(content)).rejects.toThrow(InputError);
  });

  test('without a mention says so', async () => {
    await expect(read('\n\n', 'm.txt')).rejects.toThrow(/m\.txt has no mentions/);
  });
});
