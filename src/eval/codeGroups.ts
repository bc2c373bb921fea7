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
  const terminologies = [...new Set(codes.map(terminologyOf))].sort(compareStrings);
  const groups: [string, (code: string) => boolean][] = terminologies.map((name) => [
    name,
    (code) => terminologyOf(code) === name,
  ]);
  if (seen)
    groups.push(['seen in training', (code) => seen.has(code)], ['not seen', (code) => !seen.has(code)]);
  return Object.fromEntries(
    groups.map(([name, has]) => [name, ratiosOf(sumCounts(codes.filter(has).map((code) => perCode[code]!)))]),
  );
}
