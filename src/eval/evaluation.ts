import { compareStrings } from '../data/document.js';
import { splitWords } from '../data/words.js';
import { analyseErrors, type ErrorAnalysis } from './analysis.js';
import { scoreGroups } from './codeGroups.js';
import { confusedLabels, type Confusion } from './confusion.js';
import { scoreNorm, selectNorm, type NormEntry } from './norm.js';
import { isMissing, parseInteger } from './python.js';
import { macroF1, type Ratios, type Scores } from './scores.js';
import { scoreSpans, type ScoredSpan, type SpansByDocument } from './spans.js';
import { scoreWords, type WordScores } from './words.js';

/** The official scores and the detail behind them. */
export interface Evaluation extends Scores {
  /** Mean F1 of the labels that occur. */
  macroF1: number;
  /** The kinds of errors; of codes without the confusion matrix, which would be mostly empty. */
  errors: Omit<ErrorAnalysis, 'confusion'> & { confusion?: Confusion };
  /** Labels taken for each other, most frequent first. */
  confused: { gold: string; predicted: string; count: number }[];
  /** Word by word, in the documents whose texts are known. */
  words?: WordScores;
  /** Of codes: by terminology, and by whether training has them. */
  groups?: Record<string, Ratios>;
  /** Of codes: share of the gold rows whose code is among the first five candidates for their span. */
  top5?: number;
}

/** What is evaluated beside the official scores. */
export interface EvaluationOptions {
  /** Most examples of each kind of error; 0 by default. */
  examples?: number;
  /** Texts by document: for the scores by word and for examples. */
  texts?: ReadonlyMap<string, string>;
  /** What is said to have been computed; of spans. */
  semantics?: string;
  /** Of codes: those that training has, where it is known. */
  seenCodes?: ReadonlySet<string>;
}

/**
 * Evaluates spans, of NER or CLASS: the official scores (a prediction counts where document, label and offsets are those of
 * a gold span), kinds of errors, scores by word. Scores are shares from 0 to 1, exact.
 * @param gold by document; documents that it lacks are not scored
 * @param predicted by document
 * @param labels those that are scored; spans of others are left out
 * @param options what is evaluated beside the official scores
 */
export function evaluateSpans(
  gold: SpansByDocument,
  predicted: SpansByDocument,
  labels: readonly string[],
  { texts = new Map(), semantics, ...options }: EvaluationOptions = {},
): Evaluation {
  const scores = scoreSpans(gold, predicted, labels, semantics);
  const errors = analyseErrors(gold, predicted, labels, { texts, ...options });
  const words = new Map([...texts].map(([document, text]) => [document, splitWords(text)]));
  return {
    ...scores,
    macroF1: macroF1(scores.perLabel),
    errors,
    confused: confusedLabels(errors.confusion),
    words: words.size > 0 ? scoreWords(gold, predicted, labels, words) : undefined,
  };
}

/** Evaluates codes: the scores of `scoreNorm`, by groups too, kinds of errors with codes for labels. */
export function evaluateNorm(
  goldRows: readonly NormEntry[],
  predictedRows: readonly NormEntry[],
  validCodes?: ReadonlySet<string>,
  { seenCodes, ...options }: EvaluationOptions = {},
): Evaluation {
  const scores = scoreNorm(goldRows, predictedRows, validCodes);
  const selected = selectNorm(goldRows, predictedRows, validCodes);
  const gold = codedSpans(selected.gold.values(), 'gold');
  const predicted = codedSpans(selected.predicted.values(), 'prediction');
  const codes = Object.keys(scores.perLabel).sort(compareStrings);
  const { confusion, ...errors } = analyseErrors(gold, predicted, codes, options);
  return {
    ...scores,
    macroF1: macroF1(scores.perLabel),
    errors,
    confused: confusedLabels(confusion),
    groups: scoreGroups(scores.perLabel, seenCodes),
  };
}

/** Rows as spans labelled by their codes. One without a text matches nothing, whatever its offsets. */
function codedSpans(rows: Iterable<NormEntry & { span: string }>, side: string): SpansByDocument {
  const spans = new Map<string, ScoredSpan[]>();
  for (const { filename, text, span, code } of rows) {
    const [start = NaN, end = NaN] = isMissing(text) ? [] : span.split(' ').map(parseInteger);
    const offsets = isMissing(text) ? `${span} of a ${side} without text` : span;
    if (!spans.has(filename)) spans.set(filename, []);
    spans.get(filename)!.push({ label: code, start, end, offsets, text });
  }
  return spans;
}
