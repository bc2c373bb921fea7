import type { Calibration } from '../data/calibration.js';
import { codePoints } from '../data/codepoints.js';
import { foundSpanFormat, type FoundSpanLine } from '../formats/foundSpan.js';
import { scoredCodes, type CodedSpan } from './codes.js';
import { linesOf } from '../data/jsonLines.js';
import type { Prediction } from './predictor.js';

/** The spans with their scores. */
export const spanTable = linesOf(foundSpanFormat, ({ document }) => document);

/**
 * What was found in a document, span by span, in the order of the tasks and the text.
 * @param coded codes of the spans of the task `codedTask`, where any were looked for; `calibration` is of their probabilities
 */
export function spanLines(
  { name, text, spans }: Pick<Prediction, 'name' | 'text' | 'spans'>,
  coded: readonly CodedSpan[],
  { codedTask, calibration = null }: { codedTask?: string; calibration?: Calibration | null } = {},
): FoundSpanLine[] {
  const points = codePoints(text);
  const codings = new Map(coded.map((one) => [`${one.mention.start} ${one.mention.end}`, one.coding]));
  return Object.entries(spans).flatMap(([task, found]) =>
    found.map(({ label, start, end, score }): FoundSpanLine => {
      const line = {
        document: name,
        task,
        label,
        start,
        end,
        text: points.slice(start, end),
        score: shown(score),
      };
      const coding = task === codedTask && codings.get(`${start} ${end}`);
      if (!coding) return line;
      const codes = scoredCodes(coding.candidates, calibration).map(({ score, probability, ...code }) => {
        return { ...code, score: shown(score), probability: shown(probability) };
      });
      return { ...line, code: coding.code, codes };
    }),
  );
}

/** What float32 knows of a number: more digits differ between machines. */
function shown(value: number): number {
  return Number(value.toPrecision(6));
}
