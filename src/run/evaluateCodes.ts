import type { Context } from '../context.js';
import type { Document } from '../data/document.js';
import { evaluateCodes, type CodedCase, type CodeEvaluation } from '../eval/codes.js';
import { evaluateNorm, type Evaluation } from '../eval/evaluation.js';
import { codedMentions, type Mention } from '../normalize/knowledge.js';
import type { Coding, CodingOptions, Normalizer } from '../normalize/normalizer.js';

/** How well codes are found for spans that are right. */
export interface EvaluatedCodes extends CodeEvaluation {
  /** The official scores of the same. */
  official: Evaluation;
}

export interface CodedGold {
  evaluation: EvaluatedCodes;
  mentions: (ReturnType<typeof codedMentions>[number] & { document: string })[];
  /** In the order of the mentions. */
  codings: Coding[];
  /** Seconds that finding them took. */
  seconds: number;
}

/** Candidates that the scores count. */
const SCORED = 5;

/** Finds codes for the coded spans of documents, and scores them. */
export async function evaluateGoldSpans(
  normalizer: Normalizer,
  documents: readonly Document[],
  {
    task,
    validCodes,
    candidates: listed = SCORED,
    ...options
  }: CodingOptions & { task: string; validCodes?: ReadonlySet<string> },
  context: Context,
): Promise<CodedGold> {
  const mentions = documents.flatMap((document) =>
    codedMentions(document, task).map((mention) => ({ document: document.name, ...mention })),
  );
  const started = performance.now();
  const most = { ...options, candidates: Math.max(listed, SCORED) };
  const codings = await codeMentions(normalizer, mentions, most, context);
  const seconds = (performance.now() - started) / 1000;
  const known = new Set(normalizer.knowledge.mentions.map(({ code }) => code));
  const cases = mentions.map(({ text, code }, i): CodedCase => {
    const { code: predicted, candidates } = codings[i]!;
    return {
      text,
      gold: code,
      predicted,
      candidates: candidates.map((one) => one.code),
      seen: known.has(code),
    };
  });
  const rows = mentions.map(({ document, text, start, end, code }) => ({
    filename: document,
    text,
    code,
    span: { start, end },
  }));
  const predicted = rows.flatMap((row, i) => {
    const { code } = codings[i]!;
    return code === null ? [] : [{ ...row, code }];
  });
  const official = evaluateNorm(rows, predicted, validCodes);
  const shortened = (coding: Coding) => ({ ...coding, candidates: coding.candidates.slice(0, listed) });
  return {
    evaluation: { ...evaluateCodes(cases), official },
    mentions,
    codings: codings.map(shortened),
    seconds,
  };
}

/** The phase of finding codes for given mentions. */
export const CODING = 'mentions with codes';

/** Codes for mentions, in their order. */
export function codeMentions(
  normalizer: Normalizer,
  mentions: readonly Mention[],
  options: CodingOptions,
  context: Context,
): Promise<Coding[]> {
  return normalizer.code(mentions, { ...options, reached: context.phase(CODING, mentions.length) });
}
