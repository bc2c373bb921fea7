import { groupBy } from '../data/groupBy.js';
import type { Candidate } from './candidates.js';

/** A candidate with the likelihood of its sentence and of the original's. */
export interface Scored extends Candidate {
  /** Mean log-probability of the pieces scored. */
  score: number;
  originalScore: number;
  /** How alike the places are that the original and the substitute come from: see `likenessOf`. */
  likeness: number;
}

/** A scored candidate with its place in the ranking. */
export interface Ranked extends Scored {
  /** How far the score is above what the original and the substitute have by themselves: see `fitsOf`. */
  fit: number;
  /** Fit and likeness. */
  suit: number;
  /** From 1. */
  rank: number;
  kept: boolean;
}

export interface SelectOptions {
  /** Most candidates that are kept. */
  count: number;
  rankBy: 'suit' | 'fit' | 'score' | 'change';
  /** Least value, of what the ranking is by; null: any. */
  minimumScore: number | null;
  maximumPerOriginal: number;
  maximumPerSubstitute: number;
}

/**
 * Ranks candidates, the best first, and keeps the best that the limits allow. Candidates that score alike are
 * in the order in which they came.
 */
export function selectCandidates(
  candidates: readonly Scored[],
  { count, rankBy, minimumScore, maximumPerOriginal, maximumPerSubstitute }: SelectOptions,
): Ranked[] {
  const fits = fitsOf(candidates);
  const value = ({ score, originalScore, fit, suit }: Omit<Ranked, 'rank' | 'kept'>) =>
    ({ suit, fit, score, change: score - originalScore })[rankBy];
  const perOriginal = new Map<unknown, number>();
  const perSubstitute = new Map<string, number>();
  let left = count;
  return candidates
    .map((candidate, i) => ({ ...candidate, fit: fits[i]!, suit: fits[i]! + candidate.likeness }))
    .sort((a, b) => value(b) - value(a))
    .map((candidate, index) => {
      const substitute = keyOf(candidate);
      const ofOriginal = perOriginal.get(candidate.original) ?? 0;
      const ofSubstitute = perSubstitute.get(substitute) ?? 0;
      const kept =
        left > 0 &&
        (minimumScore === null || value(candidate) >= minimumScore) &&
        ofOriginal < maximumPerOriginal &&
        ofSubstitute < maximumPerSubstitute;
      if (kept) {
        left--;
        perOriginal.set(candidate.original, ofOriginal + 1);
        perSubstitute.set(substitute, ofSubstitute + 1);
      }
      return { ...candidate, rank: index + 1, kept };
    });
}

/** Rounds after which the means no longer change by anything that matters. */
const ROUNDS = 30;

/**
 * What remains of each score when the effects of its original and of its substitute are taken away, the two
 * fitted in turn as in an analysis of variance: some sentences are unlikely with anything in them, and some
 * words are likely anywhere («se dedica a…»); what is left is how well the two fit each other.
 */
export function fitsOf(candidates: readonly Scored[]): number[] {
  const indicesBy = (keyAt: (index: number) => unknown) => [...groupBy(candidates.keys(), keyAt).values()];
  const groupings = [indicesBy((i) => candidates[i]!.original), indicesBy((i) => keyOf(candidates[i]!))];
  const rest = candidates.map(({ score }) => score);
  for (let round = 0; round < ROUNDS; round++)
    for (const members of groupings.flat()) {
      const mean = members.reduce((sum, i) => sum + rest[i]!, 0) / members.length;
      for (const i of members) rest[i]! -= mean;
    }
  return rest;
}

function keyOf({ substitute }: Candidate): string {
  return substitute.toLowerCase();
}
