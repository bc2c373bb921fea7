import type * as tf from '@tensorflow/tfjs-core';
import type { Compiler } from '../compile/compile.js';
import type { Batch } from '../data/batches.js';
import type { FoundSpan } from '../data/document.js';
import type { Encoded, Tokenizer } from '../data/tokenizers/tokenizer.js';
import type { WindowConfig } from '../data/windows.js';
import type { Gate } from '../model/gate.js';
import type { Decoding } from '../model/heads/head.js';
import type { Model } from '../model/model.js';
import type { Weights } from '../model/part.js';

/** A model ready to find spans. */
export interface Predictor {
  model: Model;
  weights: Weights;
  tokenizer: Pick<Tokenizer, 'encodeBatch' | 'cls' | 'sep' | 'pad'>;
  /** Rows of the pieces in the word table, where only some are held. */
  rowOf?: Int32Array;
  windows: WindowConfig;
  decoding: Decoding;
  /** Windows per batch. */
  batchSize: number;
  /** Stops it after the batch at hand, with `Interrupted`. */
  signal?: AbortSignal;
  /** Runs frequent shapes of batches as single calls; op by op without it. */
  compiler?: Compiler;
  /** The encoder's output for a batch [batch*seq, hidden], where it is known already. */
  hidden?: (batch: Batch) => tf.Tensor;
  /** What tells windows that need not be read to their end; without it all are. */
  gate?: Gate;
}

export interface Text {
  name: string;
  text: string;
}

export interface EncodedText extends Text {
  encoded: Encoded;
}

/** A text with what was found in it, and the head's scores of it. */
export interface Prediction extends EncodedText {
  spans: Record<string /*task*/, FoundSpan[]>;
  scores: Float32Array[];
  /** How many it has, and how many of them were read to their end. */
  windows: { all: number; read: number };
}
