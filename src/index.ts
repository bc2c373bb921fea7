/**
 * What a program imports. To import it, to read corpora, to score, to compare and to report load no TensorFlow: `train` and
 * what is opened (a model, an embedder, what finds codes) do, and start the engine that they are asked for. What goes wrong
 * with what was given is an `InputError`, whose message is for people, as the command line prints it; an option that there is not
 * is a `UsageError` of every function.
 * @module
 */

// Configs, and whom long work tells what
export { loadConfig, type LoadedConfig, type LoadOptions } from './config/load.js';
export type { Config } from './config/schema.js';
export { shippedConfig } from './config/shipped.js';
export { createContext, type Context, type ContextOptions, type Reached } from './context.js';
export { InputError, Interrupted, UsageError } from './errors.js';

// Corpora
export type { CorpusFormatName } from './config/choices.js';
export { readCorpus, readTexts, type Corpus, type CorpusOptions, type Tasks } from './data/corpus.js';
export type { CodedSpan, Document, FoundSpan, Span } from './data/document.js';
export type { Fault, FaultKind } from './data/fault.js';
export type { Counted } from './data/formats/format.js';
export type { DemoFiles } from './demo/write.js';
export { makeDemoCorpus, type DemoCorpusOptions } from './library/demo.js';

// Training
export { train, type TrainOptions } from './library/runs.js';
export type { EvaluatedCodes } from './run/evaluateCodes.js';
export type { RunEvaluation } from './run/evaluateRun.js';
export type { RunEvent, RunResult, TrainingWork } from './run/events.js';
export type {
  EpochEvent,
  Logged,
  Progress,
  StepEvent,
  TrainingEvent,
  Unlogged,
  Validation,
} from './train/events.js';

// Prediction
export {
  openModel,
  predict,
  type EngineOptions,
  type Model,
  type ModelOptions,
  type Prediction,
  type Text,
} from './library/models.js';

// Codes
export {
  openEmbedder,
  openNormalizer,
  type Embedder,
  type EmbedderOptions,
  type Normalizer,
  type NormalizerOptions,
} from './library/codes.js';
export type { Mention } from './normalize/knowledge.js';
export type { Candidate, CodePart, Coding } from './normalize/normalizer.js';
export type { Neighbour } from './normalize/space.js';
export type { ScoredCode } from './predict/codes.js';

// Scores
export type { ErrorAnalysis, ErrorExample, ErrorKind, OutcomeCounts } from './eval/analysis.js';
export type { CodeEvaluation, CodeScores } from './eval/codes.js';
export type { Confusion } from './eval/confusion.js';
export { evaluateSpans, type Evaluation, type EvaluationOptions } from './eval/evaluation.js';
export type { FileEvaluation, Rule } from './eval/folders.js';
export type { LeftOut } from './eval/leftOut.js';
export type { Outcome } from './eval/pairs.js';
export type { EvaluationRequest } from './eval/request.js';
export type { Counts, Ratios, Scores } from './eval/scores.js';
export type { ScoredSpan, SpansByDocument } from './eval/spans.js';
export type { WordScores } from './eval/words.js';
export { evaluate } from './library/runs.js';

// Runs
export type {
  ComparedRun,
  ComparedScores,
  ComparedVariant,
  Comparison,
  Difference,
  Estimate,
  Statistics,
} from './compare/comparison.js';
export type { PublishedRow } from './experiment/schema.js';
export { compare, report, type CompareOptions } from './library/runs.js';
export type { ReportOptions } from './report/run.js';
export { listRuns, type ListedRun } from './runFolder/list.js';
export type { RunState } from './runFolder/states.js';
export type { RunStatus } from './runFolder/status.js';
export type { RunRecord } from './formats/record.js';
