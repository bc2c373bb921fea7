import { compareStrings } from '../data/document.js';
import { ratiosOf, sumCounts, type Ratios } from './scores.js';

/** The terminology of a code as the shared task writes it: `SCTID: 73438004`, or a code of ESCO. */
export function terminologyOf(code: string): string {
  return code.startsWith('SCTID') ? 'SNOMED CT' : 'ESCO';
}

/**
 * Micro scores of codes apart by terminology and, where it is known, by whether training has them. A wrong
 * code counts against the group that it is of, not that of the right one.
 */
export function scoreGroups(
  perCode: Record<string, Ratios>,
  seen?: ReadonlySet<string>,
): Record<string, Ratios> {
  const codes = Object.keys(perCode);
  const of = (group: (code: string) => boolean) =>
    ratiosOf(sumCounts(codes.filter(group).map((code) => perCode[code]!)));
  const terminologies = [...new Set(codes.map(terminologyOf))].sort(compareStrings);
  return {
    ...Object.fromEntries(terminologies.map((name) => [name, of((code) => terminologyOf(code) === name)])),
    ...(seen && {
      'seen in training': of((code) => seen.has(code)),
      'not seen': of((code) => !seen.has(code)),
    }),
  };
}
