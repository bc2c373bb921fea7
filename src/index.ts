/**
 * What a program imports. To import it, to read corpora, to score, to compare and to report load no TensorFlow: `train` and
 * what is opened (a model, an embedder, what finds codes) do, and start the engine that they are asked for. What goes wrong
 * with what was given is an `InputError`, whose message is for people, as the command line prints it.
 * @module
 */
export type { CompareOptions } from './compare/compare.js';
export type { Comparison } from './compare/comparison.js';
export { loadConfig, type LoadedConfig } from './config/load.js';
export type { Config } from './config/schema.js';
export { shippedConfig } from './config/shipped.js';
export { createContext, type Context, type ContextOptions } from './context.js';
export { readCorpus, readTexts, type Corpus, type CorpusOptions, type Tasks } from './data/corpus.js';
export type { CodedSpan, Document, FoundSpan, Span } from './data/document.js';
export type { DemoFiles } from './demo/write.js';
export { InputError, Interrupted, UsageError } from './errors.js';
export { evaluateSpans, type Evaluation, type EvaluationOptions } from './eval/evaluation.js';
export type { FileEvaluation } from './eval/folders.js';
export type { EvaluationRequest } from './eval/request.js';
export {
  openEmbedder,
  openNormalizer,
  type Embedder,
  type EmbedderOptions,
  type Normalizer,
} from './library/codes.js';
export { makeDemoCorpus } from './library/demo.js';
export {
  openModel,
  predict,
  type EngineOptions,
  type Model,
  type ModelOptions,
  type Prediction,
  type Text,
} from './library/models.js';
export { compare, evaluate, report, train } from './library/runs.js';
export type { Mention } from './normalize/knowledge.js';
export type { Candidate, Coding } from './normalize/normalizer.js';
export type { ScoredCode } from './predict/codes.js';
export type { RunEvent, RunResult } from './run/events.js';
export { listRuns, type ListedRun } from './runFolder/list.js';
