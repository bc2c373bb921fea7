import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../../config/schema.js';
import { labelsOf, type Output } from '../../data/labels.js';
import { stepByTape } from './byTape.js';
import { noDecisions, type Decisions, type Head } from './head.js';
import { collectPairs, pairIndex } from './spans/collect.js';
import { candidatePairs, decodePairs } from './spans/decode.js';
import { countPairs, pairLoss } from './spans/loss.js';
import { notLearned } from './spans/notices.js';
import { pairParts, pairScores, pairSpecs } from './spans/scores.js';
import {
  batchTargets,
  bitGroups,
  goldSpans,
  holdsSpan,
  spanTargets,
  unpackBits,
  validPairs,
  type UnitSpan,
} from './spans/targets.js';

/**
 * A score for every pair of first and last unit and every label (Su et al. 2022, arXiv 2208.03054): spans may be nested,
 * cross, or stand side by side. A document's scores are probabilities [units * longest * labels] by output. Of a gold
 * span whose first or last unit a window lacks, that window learns nothing.
 */
export function spansHead(
  outputs: readonly Output[],
  width: number,
  { longest, size, agree }: Config['model']['spans'],
): Head {
  const counts = outputs.map((output) => labelsOf(output).length);
  const parameters = outputs.flatMap(({ name }, i) => pairSpecs(name, counts[i]!, width, size));
  return {
    outputs,
    parameters,

    targetsOf: (spans, encoded) => spanTargets(outputs, spans, encoded, longest),
    isPositive: (targets, _, range) => holdsSpan(targets, range),
    batchTargets: (windows, seq) => batchTargets(outputs, windows, seq),

    step: stepByTape(parameters, (batch, weights) => {
      const [rows, ...bits] = batch.targets;
      const valid = validPairs(rows!, longest); // [batch, 1, seq, seq]
      const results = outputs.map(({ name }, i) => {
        const labels = counts[i]!;
        const gold = unpackBits(bits.splice(0, bitGroups(labels)), labels); // [batch, labels, seq, seq]
        const scores = pairScores(pairParts(batch, name, weights)); // [batch, labels, seq, seq]
        const share = tf.div(1, tf.mul(batch.windows, labels * outputs.length));
        return {
          loss: pairLoss(scores, { gold, valid }, share),
          counts: countPairs(scores, { gold, valid }),
        };
      });
      return { loss: tf.addN(results.map((one) => one.loss)), counts: results.map((one) => one.counts) };
    }),
    predict: (input, weights) =>
      outputs.flatMap(({ name }) => {
        const { products, ends } = pairParts(input, name, weights);
        return [products, ends];
      }),

    collect: (encoded, windows) => collectPairs(encoded, windows, counts, longest),
    decode: (scores, encoded, decoding) =>
      decodePairs(outputs, scores, encoded, decoding, { longest, agree }),
    candidates: (scores, encoded, least) => candidatePairs(outputs, scores, encoded, least, longest),
    notices: (examples) => notLearned(examples, outputs, longest),
    count: (scores, targets) =>
      outputs.map((_, i) => countSpans(scores[i]!, goldSpans(targets, i), counts[i]!, longest)),
  };
}

/** By label, at probability .5. */
function countSpans(
  scores: Float32Array,
  gold: readonly UnitSpan[],
  labels: number,
  longest: number,
): Decisions {
  const counts = noDecisions(labels);
  scores.forEach((probability, at) => {
    if (probability >= 0.5) counts.falsePositives[at % labels]!++;
  });
  for (const { first, last, label } of gold)
    if (scores[pairIndex(first, last, longest) * labels + label]! >= 0.5) {
      counts.truePositives[label]!++;
      counts.falsePositives[label]!--;
    } else counts.falseNegatives[label]!++;
  return counts;
}
