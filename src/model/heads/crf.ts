import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../../config/schema.js';
import type { Output } from '../../data/labels.js';
import { mapValues } from '../../data/mapValues.js';
import { unitsOf } from '../../data/units.js';
import { bestWindow } from '../../data/windows.js';
import { tapped } from '../../ops/tape.js';
import { tidy } from '../../ops/tidy.js';
import { stepByTape } from './byTape.js';
import { ceilings } from './crf/ceiling.js';
import { chainsOf, emissionsTogether, movesTogether, potentialsOf, tagsOfPart } from './crf/chains.js';
import { decodeChains, latticeOfChain, pathOf } from './crf/decode.js';
import { negativeLogLikelihood } from './crf/likelihood.js';
import { softMoves } from './crf/moves.js';
import { crfSpecs, emissionsOf, movesOf } from './crf/parameters.js';
import { OUTSIDE, tagCount, tagsOf } from './crf/tags.js';
import { crfBatchTargets, crfTargets, hasTag, partsOfBatch, partsOfTargets } from './crf/targets.js';
import { noDecisions, type Collector, type Decisions, type Head } from './head.js';

/**
 * A linear-chain conditional random field for every output (Lafferty et al. 2001; on a BiLSTM, Lample et al. 2016): a
 * linear layer scores the tags of each unit, at the piece that stands for it, a matrix the moves from tag to tag.
 *
 * The loss is the negative log-likelihood of the gold tags (of a softened document its mean over the paths that are
 * learned), summed over the units of all windows, divided by the number of real pieces, and averaged over outputs. Where
 * a window begins or ends inside of its document, it begins and ends with any tag alike. Decoding takes the paths through
 * the whole document, the best or all.
 *
 * Outputs that `agree` are one chain, whose numbers are sums of theirs; scores, counts and what the loss is averaged over
 * stay by output.
 *
 * A span's score is its marginal probability: that of all paths, not the best alone, which have just this span.
 *
 * Scores of an output: [units * tags] emissions, then the moves [(tags + 2) * tags] from each tag to each, at the start
 * and at the end. A path's score is a sum of them, so the mean of several models' has for every path the mean of its.
 */
export function crfHead(outputs: readonly Output[], width: number, { agree }: Config['model']['crf']): Head {
  const counts = outputs.map(tagCount);
  const chains = chainsOf(outputs, agree);
  const decided = chains.map(({ output }) => output);
  const parameters = chains.flatMap((chain) => crfSpecs(chain, width));
  return {
    outputs,
    parameters,
    targetsOf(spans, encoded) {
      const units = unitsOf(encoded);
      return crfTargets(
        units.pieces,
        decided.map((output) => tagsOf(output, spans, units)),
      );
    },
    isPositive: (targets, _, range) => hasTag(targets, chains.length, range),
    batchTargets: (windows, seq) => crfBatchTargets(windows, seq, decided.map(tagCount)),
    soften(targets, scores, weight) {
      const { pieces, tags } = partsOfTargets(targets, chains.length);
      const soft = chains.map((chain, i) => {
        const lattice = scores && latticeOfChain(chain, potentialsOf(chain, scores));
        return softMoves(tags[i]!, tagCount(chain.output), lattice, weight);
      });
      return crfTargets(pieces, tags, soft);
    },

    step: stepByTape(parameters, ({ features, batch, seq, pieces, targets }, weights) => {
      const { kinds, ends, ofChains } = partsOfBatch(targets, chains.length);
      const results = chains.map((chain, i) => {
        const { learned, gold } = ofChains[i]!;
        const parts = chain.parts.map((part) => ({
          emissions: tapped(emissionsOf(part.output.name, features, weights)),
          tags: () => {
            const own = tagsOfPart(chain, part, learned.tags);
            return { learned: own, gold: gold ? tagsOfPart(chain, part, gold) : own };
          },
        }));
        const numbers = {
          emissions: emissionsTogether(
            chain,
            parts.map(({ emissions }) => emissions.value),
          ),
          moves: movesTogether(
            chain,
            chain.parts.map(({ output }) => movesOf(output.name, weights)),
          ),
          possible: chain.possible,
        };
        return { loss: negativeLogLikelihood(numbers, learned, { batch, seq, kinds, ends }), parts };
      });
      const summed = () => tf.mul(pieces, outputs.length);
      return {
        loss: tf.mul(tf.addN(results.map(({ loss }) => loss)), tf.div(1, summed())),
        // The gradient of the emissions is what the tags' probabilities are above those that are learned.
        counts: () =>
          results.flatMap(({ parts }) =>
            parts.map(({ emissions, tags }) => {
              const above = emissions.gradient();
              const counts = tidy(() => {
                const { learned, gold } = tags();
                return countTags(tf.add(learned, tf.mul(above, summed())), gold);
              });
              above.dispose();
              return counts;
            }),
          ),
      };
    }),
    predict: ({ features }, weights) =>
      outputs.flatMap(({ name }) => [emissionsOf(name, features, weights), movesOf(name, weights)]),

    collect(encoded, windows): Collector {
      const best = bestWindow(windows, encoded.ids.length);
      const { pieces } = unitsOf(encoded);
      const unitAt = new Int32Array(encoded.ids.length).fill(-1);
      pieces.forEach((piece, unit) => (unitAt[piece] = unit));
      const scores = counts.map((tags) => {
        const own = new Float32Array((pieces.length + tags + 2) * tags);
        pieces.forEach((piece, unit) => {
          if (best[piece] === -1) own[unit * tags + OUTSIDE] = CERTAIN;
        });
        return own;
      });
      return {
        add(number, row, seq, values) {
          const { start, end } = windows[number]!;
          counts.forEach((tags, output) => {
            const [emissions, moves] = [values[2 * output]!, values[2 * output + 1]!];
            for (let piece = start; piece < end; piece++) {
              const unit = unitAt[piece]!;
              if (unit === -1 || best[piece] !== number) continue;
              const from = (row * seq + 1 + piece - start) * tags;
              scores[output]!.set(emissions.subarray(from, from + tags), unit * tags);
            }
            scores[output]!.set(moves, pieces.length * tags);
          });
        },
        scores: () => scores,
      };
    },
    decode: (scores, encoded, decoding) => decodeChains(chains, scores, encoded, decoding),
    /** By the best path its spans and no others: whether one is found, no threshold decides. */
    candidates(scores, encoded, least, { paths }) {
      const anyOf = { paths, threshold: least, thresholds: {}, overlap: 'allow' } as const;
      return mapValues(decodeChains(chains, scores, encoded, anyOf), (spans) =>
        spans.map((span) => ({ ...span, above: -1, upTo: span.score })),
      );
    },
    notices: (examples) => ceilings(decided, examples),
    count(scores, targets) {
      const { tags: gold } = partsOfTargets(targets, chains.length);
      return chains.flatMap((chain, i) => {
        const path = pathOf(chain, potentialsOf(chain, scores));
        return chain.parts.map(({ output, tags }) => {
          const own = (all: ArrayLike<number>) => Uint8Array.from(all, (tag) => tags[tag]!);
          return countUnits(own(path), own(gold[i]!), tagCount(output));
        });
      });
    },
  };
}

/** Emission of O above those of the other tags, for units that no window has. */
const CERTAIN = 100;

/**
 * Right, false and missed units per tag but O → [3, tags - 1], on the device. By the most probable tag of each: near enough
 * to watch a training by; the best path is found on the host.
 */
function countTags(probabilities: tf.Tensor, gold: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const [n, tags] = probabilities.shape as [number, number];
    const unit = tf.sum(gold, 1, true); // [n, 1]
    const greatest = tf.mul(tf.cast(tf.oneHot(tf.argMax(probabilities, 1), tags), 'float32'), unit);
    const inside = (all: tf.Tensor) => tf.slice(all, [0, OUTSIDE + 1], [n, tags - 1]);
    const hits = tf.sum(tf.mul(inside(greatest), inside(gold)), 0); // [tags - 1]
    const [found, there] = [tf.sum(inside(greatest), 0), tf.sum(inside(gold), 0)];
    return tf.stack([hits, tf.sub(found, hits), tf.sub(there, hits)]);
  });
}

/** Per tag but O. */
function countUnits(found: ArrayLike<number>, gold: ArrayLike<number>, tags: number): Decisions {
  const counts = noDecisions(tags - 1);
  for (let unit = 0; unit < gold.length; unit++) {
    const [one, other] = [found[unit]! - 1, gold[unit]! - 1]; // -1: O
    if (one === other && one >= 0) counts.truePositives[one]!++;
    if (one !== other && one >= 0) counts.falsePositives[one]!++;
    if (one !== other && other >= 0) counts.falseNegatives[other]!++;
  }
  return counts;
}
