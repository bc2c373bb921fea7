import type { NormalizationConfig } from '../config/sections/normalization.js';
import type { Reached } from '../context.js';
import { exactLookup } from './exact.js';
import type { Knowledge, Mention } from './knowledge.js';
import type { MentionClassifier } from './mentionClassifier.js';
import {
  conceptScores,
  distanceOf,
  greatest,
  nearestPoints,
  type Neighbour,
  type Space,
  type Votes,
} from './space.js';
import type { Concept } from './terminology.js';

/** The parts of a code's score. */
export const parts = ['classifier', 'lexical', 'embedding'] as const;
/**
 * Of a code's score: a classifier, the nearest known text by characters, or by sentence embeddings.
 * @useDeclaredType
 */
export type CodePart = (typeof parts)[number];

/** A code that a mention may have. */
export interface Candidate {
  code: string;
  /** For people: the concept's first label, else an alternative; empty where the table has none. */
  label: string;
  /** The weighted sum of the parts. */
  score: number;
  parts: Partial<Record<CodePart, number>>;
  /**
   * To the nearest of the code's points: among sentence embeddings where they are used, else in characters.
   * Null where no point has anything in common with the mention, or there are no points.
   */
  distance: number | null;
  /** Whether the mention is known word for word. */
  exact: boolean;
}

/** What was found for a mention. */
export interface Coding {
  /** The best candidate's; null where there is none, or its score is below the threshold. */
  code: string | null;
  /** The best ones, an exact one first. */
  candidates: Candidate[];
  /** Where asked for: the points nearest to it in each space, the nearest first. */
  neighbours?: (Omit<Neighbour, 'concept'> & { space: CodePart; code: string })[];
}

export interface CodingOptions {
  /** Most candidates of each mention. */
  candidates?: number;
  /** Nearest points to tell of each space. */
  neighbours?: number;
  /** Told how many mentions have their codes. */
  reached?: Reached;
}

/** Finds the codes of mentions. */
export interface Normalizer {
  knowledge: Knowledge;
  settings: NormalizationConfig;
  /** The same for a mention whatever stands beside it; in the order given. */
  code(mentions: readonly Mention[], options?: CodingOptions): Promise<Coding[]>;
  dispose(): void;
}

/** The task whose spans get codes: the first of all where the settings name none. */
export function codedTaskOf({ task }: Pick<NormalizationConfig, 'task'>, tasks: readonly string[]): string {
  return task ?? tasks[0]!;
}

/** What scores mentions; absent where its weight is 0. */
export interface Scorers {
  classifier?: MentionClassifier;
  lexical?: Space;
  embedding?: Space;
}

/** A concept is as near as its nearest point. */
const NEAREST: Votes = { neighbours: null, votePower: 1 };

/** Mentions that are compared with all points at once: bounds memory. */
const AT_ONCE = 64;

/** A normalizer from its parts. */
export function createNormalizer(
  knowledge: Knowledge,
  settings: NormalizationConfig,
  scorers: Scorers,
): Normalizer {
  const { concepts } = knowledge;
  const lookUp = exactLookup(knowledge, settings.exact);
  return {
    knowledge,
    settings,
    async code(mentions, { candidates = 5, neighbours = 0, reached } = {}) {
      const codings: Coding[] = [];
      for (let from = 0; from < mentions.length; from += AT_ONCE) {
        const batch = mentions.slice(from, from + AT_ONCE);
        const scored = await scoreMentions(batch, concepts, settings, scorers, neighbours);
        batch.forEach(({ text }, i) => {
          const { near } = scored[i]!;
          const ranked = rank(concepts, settings, scored[i]!, lookUp(text), candidates);
          const [best] = ranked;
          const given = best && (best.exact || best.score >= (settings.threshold ?? -Infinity));
          codings.push({
            code: given ? best.code : null,
            candidates: ranked,
            neighbours: neighbours > 0 ? near : undefined,
          });
        });
        await reached?.(codings.length);
      }
      return codings;
    },
    dispose() {
      scorers.lexical?.dispose();
      scorers.embedding?.dispose();
    },
  };
}

interface ScoredMention {
  byPart: Partial<Record<CodePart, Float64Array>>;
  near: NonNullable<Coding['neighbours']>;
  /** Distance to each concept's nearest point in the last space that there is. */
  distance?: (concept: number) => number | null;
}

async function scoreMentions(
  mentions: readonly Mention[],
  concepts: readonly Concept[],
  settings: NormalizationConfig,
  { classifier, lexical, embedding }: Scorers,
  neighbours: number,
): Promise<ScoredMention[]> {
  const texts = mentions.map(({ text }) => text);
  const scored = mentions.map((mention): ScoredMention => {
    return { byPart: classifier ? { classifier: classifier.scores(mention) } : {}, near: [] };
  });
  for (const [part, space] of Object.entries({ lexical, embedding })) {
    if (!space) continue;
    const name = part as 'lexical' | 'embedding';
    const similarities = await space.similarities(texts);
    const metric = name === 'embedding' ? settings.embedding.distance : 'cosine';
    scored.forEach((one, i) => {
      const scoresBy = (votes: Votes) => conceptScores(space, similarities[i]!, concepts.length, votes);
      const scores = scoresBy(settings[name]);
      const nearest = settings[name].neighbours === null ? scores : scoresBy(NEAREST);
      one.byPart[name] = scores;
      one.distance = (concept) => (nearest[concept] === 0 ? null : distanceOf(nearest[concept]!, metric));
      for (const { concept, ...point } of nearestPoints(space, similarities[i]!, neighbours, metric))
        one.near.push({ space: name, code: concepts[concept]!.code, ...point });
    });
  }
  return scored;
}

/** The best concepts by score, an exact one first; of equal ones the first code. Those with nothing for them are left out. */
function rank(
  concepts: readonly Concept[],
  settings: NormalizationConfig,
  { byPart, distance }: ScoredMention,
  exact: number | undefined,
  count: number,
): Candidate[] {
  const known = Object.entries(byPart) as [CodePart, Float64Array][];
  const totals = new Float64Array(concepts.length);
  for (const [part, scores] of known)
    scores.forEach((score, concept) => (totals[concept]! += settings[part].weight * score));
  const order = totals.map((score, concept) => {
    if (concept === exact) return Infinity;
    return score === 0 ? -Infinity : score;
  });
  const best = greatest(order, count).filter((concept) => order[concept]! > -Infinity);
  return best.map((concept) => {
    const { code, labels, alternatives } = concepts[concept]!;
    return {
      code,
      label: labels[0] ?? alternatives[0] ?? '',
      score: totals[concept]!,
      parts: Object.fromEntries(known.map(([part, scores]) => [part, scores[concept]!])),
      distance: distance?.(concept) ?? null,
      exact: concept === exact,
    };
  });
}
