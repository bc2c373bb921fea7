import { isMissing, strip } from './python.js';
import { noCounts, scoresOf, type Counts, type Scores } from './scores.js';

/** A row of a NORM table. `span` is the string of the file, "12 20", or its two offsets. */
export interface NormEntry {
  filename: string;
  text: string;
  span: string | { start: number; end: number };
  code: string;
}

const NORM_SEMANTICS = 'MEDDOPROF official, micro, exact span and code';

/**
 * Scores codes as the shared task's evaluation library does: a prediction counts when file name, span and
 * code are those of a gold row and neither row's text is missing (empty or `NA`). Predictions are stripped
 * of white space around, gold is not. Duplicates count once, files that the gold lacks and codes outside
 * `validCodes` not at all. `perLabel` is by code. No predictions: scores of 0.
 */
export function scoreNorm(
  goldRows: readonly NormEntry[],
  predictedRows: readonly NormEntry[],
  validCodes?: ReadonlySet<string>,
): Scores {
  const { gold, predicted } = selectNorm(goldRows, predictedRows, validCodes);
  const perCode = new Map<string, Counts>();
  const count = (code: string, kind: keyof Counts) => {
    if (!perCode.has(code)) perCode.set(code, noCounts());
    perCode.get(code)![kind]++;
  };
  const scored = new Set([...predicted.keys()].filter((key) => matches(gold.get(key), predicted.get(key)!)));
  for (const [key, { code }] of gold) count(code, scored.has(key) ? 'truePositives' : 'falseNegatives');
  for (const [key, { code }] of predicted) if (!scored.has(key)) count(code, 'falsePositives');
  return scoresOf(validCodes ? `${NORM_SEMANTICS}, valid codes only` : NORM_SEMANTICS, perCode);
}

/** The rows that count, each once, by what makes two of them the same; `span` is a string in all. */
export function selectNorm<Gold extends NormEntry>(
  goldRows: readonly Gold[],
  predictedRows: readonly NormEntry[],
  validCodes?: ReadonlySet<string>,
) {
  const gold = uniqueRows(goldRows.map((row) => ({ ...row, span: spanText(row) })));
  const files = new Set(goldRows.map(({ filename }) => filename));
  const stripped = predictedRows.map((row) => ({
    filename: strip(row.filename),
    text: row.text,
    span: strip(spanText(row)),
    code: strip(row.code),
  }));
  const known = stripped.filter(({ filename }) => files.has(filename));
  const valid = known.filter(({ code }) => validCodes?.has(code) ?? true);
  return {
    gold,
    predicted: uniqueRows(valid),
    unknownFiles: stripped.length - known.length,
    invalidCodes: known.length - valid.length,
  };
}

/** Share of the gold rows whose code is among the candidates for their span; 0 where there are none. */
export function candidateRecall(
  goldRows: readonly NormEntry[],
  predictedRows: readonly (NormEntry & { candidates: readonly string[] })[],
): number {
  const at = (row: NormEntry) => `${row.filename}\t${spanText(row)}`;
  const candidates = new Map(predictedRows.map((row) => [at(row), row.candidates]));
  const gold = [...uniqueRows(goldRows.map((row) => ({ ...row, span: spanText(row) }))).values()];
  const found = gold.filter((row) => candidates.get(at(row))?.includes(row.code));
  return gold.length === 0 ? 0 : found.length / gold.length;
}

/** Whether a prediction counts: the gold has its row, and both have a text. */
function matches(gold: NormEntry | undefined, predicted: NormEntry): boolean {
  return gold !== undefined && !isMissing(gold.text) && !isMissing(predicted.text);
}

function uniqueRows<Row extends NormEntry & { span: string }>(rows: readonly Row[]): Map<string, Row> {
  const unique = new Map<string, Row>();
  for (const row of rows) {
    const key = [row.filename, row.span, row.code].join('\t');
    if (!unique.has(key)) unique.set(key, row);
  }
  return unique;
}

function spanText({ span }: NormEntry): string {
  return typeof span === 'string' ? span : `${span.start} ${span.end}`;
}
