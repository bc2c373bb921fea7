import fc from 'fast-check';
import { codePoints } from '../../src/data/codepoints.js';
import { compareSpans, type Document, type Span } from '../../src/data/document.js';
import { twoTasks } from './corpus.js';

/** Texts with what tools trip over: characters beyond U+FFFF, marks, a byte order mark, any line end, none at all. */
const parts = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-zñé]{1,6}$/u) },
  { weight: 5, arbitrary: fc.constantFrom(' ', '\n', '\r\n', '\n\n', '\t', ', ', '. ', '\u00a0', '\r') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('👩‍⚕️', '𝒳', 'e\u0301', 'a\u00adb', '\ufeff', '\u2028', '#', '"', '<&>', '-'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);
const anyText = fc
  .tuple(fc.constantFrom('', '', '', '\ufeff'), fc.array(parts, { maxLength: 20 }))
  .map(([mark, all]) => mark + all.join(''));

function spansIn(length: number, labels: readonly string[]): fc.Arbitrary<Span[]> {
  if (length === 0) return fc.constant([]);
  const span = fc
    .tuple(fc.constantFrom(...labels), fc.nat(length - 1), fc.integer({ min: 1, max: 9 }))
    .map(([label, start, size]): Span => ({ label, start, end: Math.min(length, start + size) }));
  const selector = ({ label, start, end }: Span) => `${label} ${start} ${end}`;
  return fc.uniqueArray(span, { selector, maxLength: 5 }).map((all) => all.sort(compareSpans));
}

/** Documents of the tasks of `twoTasks`, with spans that may be nested and cross, and codes; sorted by name. */
export const anyDocuments: fc.Arbitrary<Document[]> = fc
  .uniqueArray(fc.stringMatching(/^[a-zé][a-z0-9 .#ñ-]{0,5}[a-z]$/u), { maxLength: 3, minLength: 1 })
  .chain((names) => fc.tuple(...names.sort().map((name) => anyDocument(name))));

function anyDocument(name: string): fc.Arbitrary<Document> {
  return anyText.chain((text) => {
    const points = codePoints(text);
    return fc
      .record({
        ner: spansIn(points.length, twoTasks.ner.labels),
        class: spansIn(points.length, twoTasks.class.labels),
        coded: spansIn(points.length, ['2211', '224526002 | 158942005', 'SCTID: 1']),
      })
      .map(({ coded, ...spans }) => ({
        name,
        text,
        spans,
        codes: coded.map(({ label, start, end }) => ({
          start,
          end,
          text: points.slice(start, end),
          code: label,
        })),
      }));
  });
}
