import type { Document, Span } from './document.js';
import type { Encoded, Tokenizer } from './tokenizers/tokenizer.js';
import { windowsIn } from './cutWindows.js';
import type { WindowConfig, WindowRange } from './windows.js';

/** A document as the model sees it. */
export interface Example {
  name: string;
  text: string;
  encoded: Encoded;
  /** As the labeller made them. */
  targets: Targets;
  /** The gold spans, per task. */
  spans: Record<string, Span[]>;
}

/** What a head learns from of one document; nobody else looks inside. */
export type Targets = readonly ArrayLike<number>[];

/** Values that become a tensor: of float32, or of int32 where they are an Int32Array. */
export interface TargetTensor {
  values: Uint8Array | Int32Array | Float32Array;
  shape: number[];
}

/** Pieces `start` to `end` - 1 of a document; in a batch they follow the piece before the text. */
export interface LabelledWindow extends WindowRange {
  encoded: Encoded;
  targets: Targets;
}

/** How a head turns spans into what it learns from. */
export interface Labeller {
  targetsOf(spans: Record<string, readonly Span[]>, encoded: Encoded): Targets;
  /** Whether there is something to be found in a window. */
  isPositive(targets: Targets, encoded: Encoded, range: WindowRange): boolean;
  /** The targets of a batch whose rows are these windows, each of `seq` pieces. */
  batchTargets(windows: readonly LabelledWindow[], seq: number): TargetTensor[];
}

/** Of an example. */
export interface Window extends WindowRange {
  /** Index among the examples. */
  document: number;
  /** Whether there is something to be found in it. */
  positive: boolean;
}

/** Tokenizes documents and labels them, in order. */
export async function prepareExamples(
  documents: readonly Document[],
  tokenizer: Pick<Tokenizer, 'encodeBatch'>,
  labeller: Pick<Labeller, 'targetsOf'>,
): Promise<Example[]> {
  const encodings = await tokenizer.encodeBatch(documents.map((document) => document.text));
  return documents.map(({ name, text, spans }, i) => {
    const encoded = encodings[i]!;
    return { name, text, encoded, targets: labeller.targetsOf(spans, encoded), spans };
  });
}

/** The windows of all examples, in order. */
export function trainingWindows(
  examples: readonly Example[],
  config: WindowConfig,
  { isPositive }: Pick<Labeller, 'isPositive'>,
): Window[] {
  return examples.flatMap((example, document) =>
    windowsIn(example, config).map((range) => ({
      document,
      ...range,
      positive: isPositive(example.targets, example.encoded, range),
    })),
  );
}
