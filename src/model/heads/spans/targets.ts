import * as tf from '@tensorflow/tfjs-core';
import type { Span } from '../../../data/document.js';
import type { LabelledWindow, Targets, TargetTensor } from '../../../data/examples.js';
import { labelsOf, joinTasks, keyOf, wordRanges, type Output } from '../../../data/labels.js';
import { firstFrom } from '../../../data/sorted.js';
import type { Encoded } from '../../../data/tokenizers/tokenizer.js';
import { unitsOf, type Units } from '../../../data/units.js';
import { scoredOf, type PieceRange, type WindowRange } from '../../../data/windows.js';
import { tidy } from '../../../ops/tidy.js';

/** A span of a document in units, both ends included, and the index of its labels in `labelsOf`. */
export interface UnitSpan {
  first: number;
  last: number;
  label: number;
}

/** The gold spans of an output, of any length; those that a span has before it in the list are marked. */
export function unitSpans(
  output: Output,
  spans: Record<string, readonly Span[]>,
  units: Units,
): (UnitSpan & { again: boolean })[] {
  const labels = labelsOf(output);
  const mentions = joinTasks(Object.keys(labels[0] ?? {}), spans);
  return labels.flatMap((combination, label) => {
    const seen = new Set<string>();
    return wordRanges(mentions.get(keyOf(Object.values(combination))) ?? [], units).map(([first, last]) => {
      const key = `${first} ${last}`;
      const again = seen.has(key);
      seen.add(key);
      return { first, last, label, again };
    });
  });
}

/**
 * What is learned of a document: the piece of each unit [units], then by output the gold spans, three numbers each.
 * Spans of more than `longest` units are left out.
 */
export function spanTargets(
  outputs: readonly Output[],
  spans: Record<string, readonly Span[]>,
  encoded: Encoded,
  longest: number,
): Targets {
  const units = unitsOf(encoded);
  const ofOutputs = outputs.map((output) => {
    const kept = unitSpans(output, spans, units).filter(
      (one) => !one.again && one.last - one.first < longest,
    );
    return Int32Array.from(kept.flatMap(({ first, last, label }) => [first, last, label]));
  });
  return [units.pieces, ...ofOutputs];
}

/** The spans of output number `output` in what `spanTargets` gave. */
export function goldSpans(targets: Targets, output: number): UnitSpan[] {
  const values = targets[output + 1]!;
  return Array.from({ length: values.length / 3 }, (_, i) => ({
    first: values[3 * i]!,
    last: values[3 * i + 1]!,
    label: values[3 * i + 2]!,
  }));
}

/**
 * Whether a window scores a gold span that it holds whole: the pieces that stand for its first unit, which it scores, and
 * for its last, which it reads.
 */
export function holdsSpan(targets: Targets, window: WindowRange): boolean {
  const pieces = targets[0]!;
  const scored = scoredOf(window);
  return targets
    .slice(1)
    .some((_, output) =>
      goldSpans(targets, output).some(
        ({ first, last }) => isIn(scored, pieces[first]!) && pieces[last]! < window.end,
      ),
    );
}

const isIn = ({ start, end }: PieceRange, piece: number) => piece >= start && piece < end;

/** A float32 holds as many bits exactly. */
const BITS = 24;

/**
 * Targets of a batch. First the unit of every row, counted within its window from where it is scored [batch, seq]: -1 where
 * a row stands for none, -2 - unit where it can be the last of a span and not the first, as it is only read; then by output, for 24 labels at a time, the labels of each pair as bits [batch, seq, seq], which are fewer
 * numbers than one for each label.
 */
export function batchTargets(
  outputs: readonly Output[],
  windows: readonly LabelledWindow[],
  seq: number,
): TargetTensor[] {
  const rows = new Int32Array(windows.length * seq).fill(-1);
  for (const [row, window] of windows.entries()) {
    let unit = 0;
    const pieces = window.targets[0]!;
    const scored = scoredOf(window);
    for (let at = firstFrom(pieces, scored.start); at < pieces.length && pieces[at]! < window.end; at++) {
      rows[row * seq + 1 + pieces[at]! - window.start] = pieces[at]! < scored.end ? unit : -2 - unit;
      unit++;
    }
  }
  const bits = outputs.flatMap((output, number) => {
    const groups = Array.from(
      { length: Math.ceil(labelsOf(output).length / BITS) },
      () => new Int32Array(windows.length * seq * seq),
    );
    for (const [row, window] of windows.entries())
      for (const { first, last, label } of goldSpans(window.targets, number)) {
        const { start, end, targets } = window;
        const [from, to] = [targets[0]![first]!, targets[0]![last]!];
        if (!isIn(scoredOf(window), from) || to >= end) continue;
        const pair = (row * seq + 1 + from - start) * seq + 1 + to - start;
        groups[Math.floor(label / BITS)]![pair]! |= 1 << (label % BITS);
      }
    return groups;
  });
  return [
    { values: rows, shape: [windows.length, seq] },
    ...bits.map((values) => ({ values, shape: [windows.length, seq, seq] })),
  ];
}

/** How many tensors `batchTargets` gives for the bits of this many labels. */
export const bitGroups = (labels: number) => Math.ceil(labels / BITS);

/** The bits of pairs as numbers → [batch, labels, seq, seq] of 0 and 1. */
export function unpackBits(groups: readonly tf.Tensor[], labels: number): tf.Tensor {
  return tidy(() => {
    const unpacked = groups.map((group, number) => {
      const [batch, seq] = group.shape as [number, number];
      const count = Math.min(BITS, labels - number * BITS);
      const powers = tf.tensor4d(
        Float32Array.from({ length: count + 1 }, (_, bit) => 2 ** -bit),
        [1, count + 1, 1, 1],
      );
      const values = tf.reshape(tf.cast(group, 'float32'), [batch, 1, seq, seq]);
      const from = tf.floor(tf.mul(values, powers)); // without the bits below each
      const size = [batch, count, seq, seq];
      const above = tf.mul(tf.slice(from, [0, 1, 0, 0], size), 2);
      return tf.sub(tf.slice(from, [0, 0, 0, 0], size), above); // [batch, count, seq, seq]
    });
    return unpacked.length === 1 ? unpacked[0]! : tf.concat(unpacked, 1);
  });
}

/** Which pairs can be spans, of the units of rows [batch, seq] → [batch, 1, seq, seq] of 0 and 1. */
export function validPairs(rows: tf.Tensor, longest: number): tf.Tensor {
  return tidy(() => {
    const [batch, seq] = rows.shape as [number, number];
    const units = tf.cast(rows, 'float32');
    const first = tf.reshape(units, [batch, 1, seq, 1]);
    const last = tf.reshape(tf.maximum(units, tf.sub(-2, units)), [batch, 1, 1, seq]); // also those that are only read
    const further = tf.sub(last, first); // units from the first to the last
    const inOrder = tf.logicalAnd(tf.greaterEqual(further, 0), tf.less(further, longest));
    return tf.cast(tf.logicalAnd(inOrder, tf.greaterEqual(first, 0)), 'float32');
  });
}
