import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { readLines, type Line } from '../../src/files/lines.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
async function linesOf(content: string | Buffer, options: Parameters<typeof readLines>[1] = {}) {
  const file = join(folder(), 'a.jsonl');
  writeFileSync(file, content);
  const lines: Line[] = [];
  for await (const line of readLines(file, options)) lines.push(line);
  return lines;
}

describe('the lines of a file', () => {
  test('are its text between line ends, numbered from 1, the last of them whole or not', async () => {
    const text = fc.constantFrom('', 'a', 'ñ\u2028b', '\r', 'a\rb', '👩‍⚕️', 'x'.repeat(300_000));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, fc.constantFrom('\n', '\r\n')), { maxLength: 6 }),
        fc.constantFrom('', 'the end', 'ü'.repeat(200_000)),
        async (whole, rest) => {
          const expected = whole.map(([one, end], i) => {
            const line = end === '\n' && one.endsWith('\r') ? one.slice(0, -1) : one;
            return { text: line, number: i + 1, ended: true };
          });
          if (rest !== '') expected.push({ text: rest, number: whole.length + 1, ended: false });
          expect(await linesOf(whole.flat().join('') + rest)).toEqual(expected);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('are without the byte order mark of the file, and no other', async () => {
    const lines = await linesOf('\ufeffuno\n\ufeffdos\n');
    expect(lines.map(({ text }) => text)).toEqual(['uno', '\ufeffdos']);
  });

  test('are handed over with all bytes of the file', async () => {
    const content = Buffer.from(`${`${'año '.repeat(50)}\n`.repeat(3000)}y`);
    const seen: Uint8Array[] = [];
    await linesOf(content, { seen: (bytes) => seen.push(Uint8Array.from(bytes)) });
    expect(Buffer.concat(seen).equals(content)).toBe(true);
  });

  test('are told by number where they are not UTF-8, or longer than any record is', async () => {
    await expect(linesOf(Buffer.from('a\nb\ndue\xf1o\n', 'latin1'))).rejects.toThrow(/a\.jsonl:3: not UTF-8 at byte 3/); // prettier-ignore
    const long = `a\n${'x'.repeat(900_000)}\n`;
    await expect(linesOf(long, { mostBytes: 2 ** 19 })).rejects.toThrow(/a\.jsonl:2: the line has more than 0\.5 MiB/); // prettier-ignore
    await expect(linesOf(long, { mostBytes: 2 ** 19 })).rejects.toThrow(InputError);
    expect(await linesOf(long, { mostBytes: 2 ** 20 })).toHaveLength(2);
    expect(await linesOf(`${'a line '.repeat(100)}\n`.repeat(1500), { mostBytes: 2 ** 19 })).toHaveLength(
      1500,
    );
  });
});
