import type { Candidate } from './candidates.js';

/** A candidate with the likelihood of its span and of the original's, and its place in the ranking. */
export interface Ranked extends Candidate {
  /** Mean log-probability of the pieces scored. */
  score: number;
  originalScore: number;
  /** From 1. */
  rank: number;
  kept: boolean;
}

export interface SelectOptions {
  /** Most candidates that are kept. */
  count: number;
  rankBy: 'score' | 'change';
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
  candidates: readonly (Candidate & Pick<Ranked, 'score' | 'originalScore'>)[],
  { count, rankBy, minimumScore, maximumPerOriginal, maximumPerSubstitute }: SelectOptions,
): Ranked[] {
  const value = ({ score, originalScore }: Pick<Ranked, 'score' | 'originalScore'>) =>
    rankBy === 'score' ? score : score - originalScore;
  const perOriginal = new Map<unknown, number>();
  const perSubstitute = new Map<string, number>();
  let left = count;
  return [...candidates]
    .sort((a, b) => value(b) - value(a))
    .map((candidate, index) => {
      const substitute = candidate.substitute.toLowerCase();
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
