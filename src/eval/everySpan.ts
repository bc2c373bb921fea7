import { parseAnnotations } from '../data/brat.js';
import type { OfficialAnnotations } from './annotations.js';
import { noneLeftOut } from './leftOut.js';

/**
 * Reads a brat file as a corpus is read for training: every span counts, whatever else the file holds. Fragments
 * are put together where `text` says that nothing but white space is between them; other spans in parts are left out.
 * @throws InputError as `parseAnnotations`
 */
export function readEverySpan(
  content: string,
  file: string,
  labels: readonly string[],
  text?: string,
): OfficialAnnotations {
  const { spans, faults } = parseAnnotations(content, file, text);
  const parts = faults.filter(({ kind }) => kind === 'discontinuous').length;
  return {
    spans: spans.filter(({ label }) => labels.includes(label)),
    otherLabels: new Set(spans.flatMap(({ label }) => (labels.includes(label) ? [] : [label]))),
    leftOut: { ...noneLeftOut(), parts },
  };
}
