import { spanOf, thresholdOf, withoutOverlap } from '../../../data/decode.js';
import { compareSpans, type FoundSpan } from '../../../data/document.js';
import { mapValues } from '../../../data/mapValues.js';
import type { Encoded } from '../../../data/tokenizers/tokenizer.js';
import { unitsOf } from '../../../data/units.js';
import type { Decoding } from '../head.js';
import { potentialsOf, type TagChain } from './chains.js';
import { latticeOf, type Lattice } from './lattice.js';
import { likelyRuns, runProbabilities, type LabelledRun } from './marginals.js';
import { runsOf, tagCount, tasksOf } from './tags.js';
import { bestPath, type Potentials } from './viterbi.js';

/** No span that is less probable is looked at, whatever the threshold: there are as many as pairs of units. */
const LEAST = 0.001;

/**
 * Spans by task from the scores of all outputs.
 *
 * - Paths `best`: those of the best path of each chain, whatever their probability.
 * - `all`: those whose probability, that of all paths that have them, reaches the threshold of their label. Two that overlap
 *   exclude each other, so from .5 on none do; below, `overlap` decides. Tasks that agree may differ here: a span whose
 *   label is in doubt for one task has it for the others alone.
 */
export function decodeChains(
  chains: readonly TagChain[],
  scores: readonly Float32Array[],
  encoded: Encoded,
  decoding: Pick<Decoding, 'paths' | 'threshold' | 'thresholds' | 'overlap'>,
): Record<string, FoundSpan[]> {
  const units = unitsOf(encoded);
  const found: Record<string, FoundSpan[]> = {};
  for (const chain of chains) {
    const potentials = potentialsOf(chain, scores);
    const lattice = latticeOfChain(chain, potentials);
    const runs =
      decoding.paths === 'best' ? onBestPath(chain, potentials, lattice) : reaching(chain, lattice, decoding);
    for (const [task, ofTask] of Object.entries(runs))
      found[task] = ofTask.map((run) => spanOf(run, units)).sort(compareSpans);
  }
  return found;
}

/** The tags of a chain's best path [units]. */
export function pathOf({ output, possible }: TagChain, potentials: Potentials): Uint8Array {
  return bestPath(potentials, possible, tagCount(output));
}

/** Sums over all paths of a chain. */
export function latticeOfChain({ output, possible }: TagChain, potentials: Potentials): Lattice {
  return latticeOf(potentials, possible, tagCount(output));
}

function onBestPath(
  chain: TagChain,
  potentials: Potentials,
  lattice: Lattice,
): Record<string, LabelledRun[]> {
  const { output } = chain;
  const probabilities = runProbabilities(output, lattice);
  const runs = runsOf(output, pathOf(chain, potentials)).map((run) => ({ run, by: probabilities(run) }));
  const ofTask = (task: string) =>
    runs.map(({ run: { first, last, labels }, by }) => {
      return { first, last, label: labels[task]!, probability: by[task]! };
    });
  return Object.fromEntries(tasksOf(output).map((task) => [task, ofTask(task)]));
}

function reaching(
  { output }: TagChain,
  lattice: Lattice,
  decoding: Pick<Decoding, 'threshold' | 'thresholds' | 'overlap'>,
): Record<string, LabelledRun[]> {
  const labels = output.channels.flatMap((channel) => Object.values(channel.labels));
  const least = Math.max(LEAST, Math.min(...labels.map((label) => thresholdOf(label, decoding))));
  const reached = (runs: LabelledRun[]) =>
    runs.filter(({ label, probability }) => probability >= thresholdOf(label, decoding));
  return mapValues(likelyRuns(output, lattice, least), (runs) =>
    decoding.overlap === 'best' ? withoutOverlap(reached(runs)) : reached(runs),
  );
}
