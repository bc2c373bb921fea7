import * as tf from '@tensorflow/tfjs-core';
import { candidateSpans, decodeSpans, poolWords } from '../../data/decode.js';
import type { LabelledWindow, TargetTensor } from '../../data/examples.js';
import { encodeLabels, type Output } from '../../data/labels.js';
import { pieceTargets } from '../../data/pieceTargets.js';
import { bestWindow, scoredOf } from '../../data/windows.js';
import { linear, linearGradient } from '../../ops/linear.js';
import { tidy } from '../../ops/tidy.js';
import { linearSpecs } from '../part.js';
import { noDecisions, type Collector, type Decisions, type Head } from './head.js';
import { bceLoss, countTokens } from './sigmoid/bce.js';

/** Share of pieces that a sigmoid expects to be inside a span before it has learned anything. */
const PRIOR = 0.02;

/**
 * The published system's head: a linear layer and a sigmoid for every output, over all rows (which is what
 * "time-distributed" means), and the binary cross-entropy averaged over channels and outputs. Scores are probabilities
 * [words * channels].
 *
 * Targets are 0 or 1, [words * channels] for every output. Those of a softened document go on with as many again,
 * numbers between, which the loss takes in their place; what is counted and what is positive follows from the first.
 */
export function sigmoidHead(outputs: readonly Output[], width: number): Head {
  const prior = Math.log(PRIOR / (1 - PRIOR));
  return {
    outputs,
    parameters: outputs.flatMap(({ name, channels }) =>
      linearSpecs(`heads.${name}`, [channels.length, width], 'new', { prior }),
    ),

    targetsOf: (spans, encoded) => outputs.map((output) => encodeLabels(output, spans, encoded)),
    isPositive(targets, encoded, window) {
      const { start, end } = scoredOf(window);
      return outputs.some(({ channels }, i) =>
        pieceTargets(targets[i] as Uint8Array, encoded, channels.length, start, end).includes(1),
      );
    },
    batchTargets(windows, seq) {
      const each = windows[0]?.targets.length ?? outputs.length;
      return Array.from({ length: each }, (_, i) =>
        windowTargets(windows, seq, i, outputs[i % outputs.length]!.channels.length),
      );
    },
    soften: (targets, scores, weight) => [
      ...targets,
      ...targets.map((gold, i) =>
        Float32Array.from(gold, (label, at) =>
          scores ? weight * scores[i]![at]! + (1 - weight) * label : label,
        ),
      ),
    ],

    step({ features, real, pieces, targets, labelWeights }, weights) {
      const logits = outputs.map(({ name }) =>
        linear(features, weights(`heads.${name}.weight`), weights(`heads.${name}.bias`)),
      ); // [n, channels]
      const learned = targets.slice(-outputs.length);
      const { loss, dLogits } = bceLoss(
        logits.map((logit, i) => ({
          logits: logit,
          targets: learned[i]!,
          weights: labelWeights && channelWeights(outputs[i]!, labelWeights),
        })),
        real,
        pieces,
      );
      const counts = logits.map((logit, i) => countTokens({ logits: logit, targets: targets[i]! }, real));
      const { dFeatures, parts } = tidy(() => {
        const all = { input: true, weights: true };
        const linears = outputs.map(({ name }, i) =>
          linearGradient(dLogits[i]!, features, weights(`heads.${name}.weight`), all),
        );
        const named = outputs.flatMap(({ name }, i): [string, tf.Tensor][] => [
          [`heads.${name}.weight`, linears[i]!.weight!],
          [`heads.${name}.bias`, linears[i]!.bias!],
        ]);
        return { dFeatures: tf.addN(linears.map((g) => g.input!)), parts: named }; // [n, width]
      });
      tf.dispose([logits, dLogits]);
      return { loss, counts, gradients: new Map(parts), features: dFeatures };
    },
    predict: ({ features }, weights) =>
      outputs.map(({ name }) =>
        tf.sigmoid(linear(features, weights(`heads.${name}.weight`), weights(`heads.${name}.bias`))),
      ),

    collect(encoded, windows, { pooling }): Collector {
      const best = bestWindow(windows, encoded.ids.length);
      const pieces = outputs.map(({ channels }) => new Float32Array(encoded.ids.length * channels.length));
      return {
        add(number, row, seq, values) {
          const { start, end } = windows[number]!;
          outputs.forEach(({ channels: { length: width } }, output) => {
            for (let piece = start; piece < end; piece++) {
              if (best[piece] !== number) continue;
              const from = (row * seq + 1 + piece - start) * width;
              pieces[output]!.set(values[output]!.subarray(from, from + width), piece * width);
            }
          });
        },
        scores: () =>
          outputs.map(({ channels }, i) => poolWords(pieces[i]!, encoded, channels.length, pooling)),
      };
    },
    decode: (scores, encoded, decoding) => decodeSpans(outputs, scores, encoded, decoding),
    candidates: (scores, encoded, least) => candidateSpans(outputs, scores, encoded, least),
    count: (scores, targets) =>
      outputs.map(({ channels }, output) => countWords(scores[output]!, targets[output]!, channels.length)),
  };
}

/** What the channels of an output count: of several labels, as the heaviest. Nothing where all count as ever. */
function channelWeights(
  { channels }: Output,
  labelWeights: Readonly<Record<string, number>>,
): number[] | undefined {
  // A label may be called `constructor`.
  const weightOf = (label: string) => (Object.hasOwn(labelWeights, label) ? labelWeights[label]! : 1);
  const weights = channels.map(({ labels }) => Math.max(...Object.values(labels).map(weightOf)));
  return weights.some((weight) => weight !== 1) ? weights : undefined;
}

/** [batch * seq * channels]; every piece has the targets of its words. */
function windowTargets(
  windows: readonly LabelledWindow[],
  seq: number,
  index: number,
  channels: number,
): TargetTensor {
  const size = windows.length * seq * channels;
  const isSoft = windows[0]?.targets[index] instanceof Float32Array;
  const values = isSoft ? new Float32Array(size) : new Uint8Array(size);
  for (const [row, { encoded, targets, start, end }] of windows.entries()) {
    const ofWords = targets[index] as Uint8Array | Float32Array;
    const ofPieces = pieceTargets(ofWords, encoded, channels, start, end);
    values.set(ofPieces, (row * seq + 1) * channels);
  }
  return { values, shape: [windows.length * seq, channels] };
}

/** By channel, at probability .5. */
function countWords(scores: Float32Array, targets: ArrayLike<number>, channels: number): Decisions {
  const counts = noDecisions(channels);
  for (let i = 0; i < targets.length; i++) {
    const [found, gold, channel] = [scores[i]! >= 0.5, targets[i] === 1, i % channels];
    if (found && gold) counts.truePositives[channel]!++;
    else if (found) counts.falsePositives[channel]!++;
    else if (gold) counts.falseNegatives[channel]!++;
  }
  return counts;
}
