import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scoreNorm, selectNorm } from '../../src/eval/norm.js';
import { findUnscorable } from '../../src/eval/unscorable.js';

const rows = fc.array(
  fc.record({
    filename: fc.constantFrom('a', 'b', ' a', ''),
    text: fc.constantFrom('médico', 'médico', '', 'NA'),
    span: fc.constantFrom('0 6', '2 6', '0 6 ', 'null'),
    code: fc.constantFrom('2211.1', '2212', 'SCTID: 1', 'NIL', '2212\u00a0', 'None'),
  }),
  { maxLength: 12 },
);

test.each([[new Set(['2211.1', '2212', 'SCTID: 1', '2212\u00a0'])], [undefined]])(
  'gold rows that no prediction can equal are those that the best one misses (valid codes: %p)',
  (validCodes) => {
    fc.assert(
      fc.property(rows, (some) => {
        const gold = some.map((row, line) => ({ ...row, line }));
        const isComplete = ({ filename, span, code }: (typeof some)[number]) =>
          filename !== '' && span !== 'null' && code !== 'None';
        const best = some.filter(isComplete).map((row) => ({ ...row, text: 'x' }));
        const { falseNegatives } = scoreNorm(gold, best, validCodes);
        const unscorable = findUnscorable(selectNorm(gold, best, validCodes).gold.values(), validCodes);
        expect(Object.values(unscorable).flat()).toHaveLength(falseNegatives);
      }),
    );
  },
);
