import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { type StoredFormat, parseStored } from '../../src/formats/stored.js';
import { mutateJson } from '../support/mutate.js';
import { storedFiles } from '../support/storedFiles.js';

const where = 'runs/a/file.json';

/** What becomes of a content: its value, or the sentence that refuses it. */
function outcome(content: string | Uint8Array, format: StoredFormat<unknown>): { value: unknown } | string {
  try {
    return { value: parseStored(content, where, format) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

describe.each(storedFiles)('%s', (_, format, content) => {
  test('that a build has written is read with what it says', () => {
    const { value } = outcome(content, format) as { value: unknown };
    // An earlier build called the outputs otherwise; NaN is null in JSON; what is new has a default.
    const written = JSON.parse(
      content.replace('"single"', '"joint"').replace('"two"', '"perTask"'),
    ) as object;
    const again: unknown = JSON.parse(JSON.stringify(value));
    expect(again).toMatchObject(written);
  });

  test('of a later version is refused with a sentence that says so', () => {
    const later = JSON.stringify({ ...(JSON.parse(content) as object), format: 99 });
    expect(outcome(later, format)).toMatch(
      /^runs\/a\/file\.json was made by a newer meddoprof: .* format 99, .*; use the version that made it\.$/,
    );
  });

  test('that is cut off, empty or of another type is refused with a sentence', () => {
    const cuts = [1, 2, 7, 50, content.length >> 1].map((length) => content.trimEnd().slice(0, length));
    const others = [
      '',
      ' \n',
      'null',
      '3',
      '"text"',
      '[]',
      '{}',
      '[{}]',
      '{"format": 0}',
      '{"format": null}',
    ];
    for (const damaged of [...cuts, ...others, Buffer.from([0xff, 0xfe, 0x7b]), Buffer.alloc(64)])
      expect(typeof outcome(damaged, format) === 'string' || String(damaged) === '{}').toBe(true);
  });

  test('with anything in the place of one of its values is read, or refused with one sentence', () => {
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), (place, value) => {
        const result = outcome(JSON.stringify(mutateJson(JSON.parse(content), place, value)), format);
        if (typeof result === 'string') {
          expect(result).toMatch(/^runs\/a\/file\.json (cannot be read as|was made by a newer) /);
          expect(result.split('\n')).toHaveLength(1);
        }
      }),
      { numRuns: 150 },
    );
  });
});
