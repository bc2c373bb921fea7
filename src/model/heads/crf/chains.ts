import * as tf from '@tensorflow/tfjs-core';
import { labelsOf, outputsOf, type Channel, type Output } from '../../../data/labels.js';
import { tidy } from '../../../ops/tidy.js';
import { haveSameLabels, OUTSIDE, possibleMoves, schemeOf, tagCount } from './tags.js';
import type { Potentials } from './viterbi.js';

/** A chain of tags: that of one output, or of several that find the same spans, each with labels of its own. */
export interface TagChain {
  /** Whose tags it has. */
  output: Output;
  /** [(tags + 2) * tags] */
  possible: Uint8Array;
  /** A path's score is the sum of those that these give it. */
  parts: Part[];
}

interface Part {
  /** Among all outputs. */
  index: number;
  output: Output;
  /** Which of its own tags each tag of the chain is [tags]. */
  tags: Uint8Array;
}

/** A chain for each output; or, where the outputs `agree`, one for all, with a tag for every combination of their labels. */
export function chainsOf(outputs: readonly Output[], agree: boolean): TagChain[] {
  const groups = agree ? [outputs] : outputs.map((output) => [output]);
  return groups.map((group) => {
    const output = combined(group);
    const parts = group.map((own) => ({
      index: outputs.indexOf(own),
      output: own,
      tags: tagsIn(own, output),
    }));
    return { output, possible: possibleMoves(output), parts };
  });
}

function combined(outputs: readonly Output[]): Output {
  if (outputs.length === 1) return outputs[0]!;
  const tasks = Object.fromEntries(
    outputs.map((output) => [output.name, { labels: labelsOf(output).map((one) => one[output.name]!) }]),
  );
  return outputsOf(tasks, schemeOf(outputs), 'joint')[0]!;
}

function tagsIn(own: Output, { channels }: Output): Uint8Array {
  const tagOf = (whole: Channel) =>
    1 + own.channels.findIndex((channel) => channel.tag === whole.tag && haveSameLabels(channel, whole));
  return Uint8Array.from([OUTSIDE, ...channels.map(tagOf)]);
}

/** A chain's numbers for a document, of the scores of all outputs: emissions [units * tags], then moves, as the head has them. */
export function potentialsOf({ output, parts }: TagChain, scores: readonly Float32Array[]): Potentials {
  const all = parts.map((part) => split(scores[part.index]!, tagCount(part.output)));
  if (all.length === 1) return all[0]!;
  const tags = tagCount(output);
  const units = all[0]!.emissions.length / tagCount(parts[0]!.output);
  const emissions = new Float64Array(units * tags);
  const moves = new Float64Array((tags + 2) * tags);
  for (const [i, part] of parts.entries()) {
    const rows = rowsOf(part);
    addPart(emissions, part, all[i]!.emissions, (unit) => unit);
    addPart(moves, part, all[i]!.moves, (row) => rows[row]!);
  }
  return { emissions, moves };
}

/** @param rowOf of `values`, for each of the sums' */
function addPart(
  sums: Float64Array,
  { output, tags }: Part,
  values: Float32Array,
  rowOf: (row: number) => number,
): void {
  const width = tagCount(output);
  for (let row = 0, at = 0; at < sums.length; row++) {
    const from = rowOf(row) * width;
    for (let tag = 0; tag < tags.length; tag++) sums[at++]! += values[from + tags[tag]!]!;
  }
}

function split(scores: Float32Array, tags: number): { emissions: Float32Array; moves: Float32Array } {
  const at = scores.length - (tags + 2) * tags;
  return { emissions: scores.subarray(0, at), moves: scores.subarray(at) };
}

/** A part's row of moves for each of the chain's: from every tag, at the start, at the end. */
function rowsOf({ output, tags }: Part): number[] {
  return [...tags, tagCount(output), tagCount(output) + 1];
}

/**
 * On the device, of its parts'. By products in float32, whatever precision was asked for: so that nothing is rounded.
 * Emissions [n, tags of the part] → [n, tags].
 */
export function emissionsTogether({ parts }: TagChain, emissions: readonly tf.Tensor[]): tf.Tensor {
  if (parts.length === 1) return emissions[0]!;
  return tidy(() => tf.addN(parts.map((part, i) => tf.matMul(emissions[i]!, columns(part)))));
}

/** Likewise, moves [tags of the part + 2, tags of the part] → [tags + 2, tags]. */
export function movesTogether({ parts }: TagChain, moves: readonly tf.Tensor[]): tf.Tensor {
  if (parts.length === 1) return moves[0]!;
  return tidy(() =>
    tf.addN(
      parts.map((part, i) => {
        const rows = oneHot(rowsOf(part), tagCount(part.output) + 2); // [tags + 2, tags of the part + 2]
        return tf.matMul(rows, tf.matMul(moves[i]!, columns(part)));
      }),
    ),
  );
}

/** The tags of a part, of the chain's: [n, tags] → [n, tags of the part]. */
export function tagsOfPart(chain: TagChain, part: Part, tags: tf.Tensor): tf.Tensor {
  if (chain.parts.length === 1) return tags;
  return tidy(() => tf.matMul(tags, columns(part), false, true));
}

/** [tags of the part, tags]: 1 where a tag of the chain is one of the part's. */
function columns({ output, tags }: Part): tf.Tensor {
  return tidy(() => tf.transpose(oneHot(tags, tagCount(output))));
}

function oneHot(values: ArrayLike<number>, width: number): tf.Tensor {
  const rows = new Float32Array(values.length * width);
  for (let row = 0; row < values.length; row++) rows[row * width + values[row]!] = 1;
  return tf.tensor2d(rows, [values.length, width]);
}
