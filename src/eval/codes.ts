import { compareStrings } from '../data/document.js';
import { terminologyOf } from './codeGroups.js';

/** A mention of gold offsets, its code, and what was found for it. */
export interface CodedCase {
  text: string;
  gold: string;
  /** Null where no code was given. */
  predicted: string | null;
  /** Best first; `predicted` among them or not. */
  candidates: readonly string[];
  /** Whether a training mention has the gold code. */
  seen: boolean;
}

/** How often the right code was found. */
export interface CodeScores {
  mentions: number;
  correct: number;
  /** 0 where there are no mentions. */
  accuracy: number;
  /** Share of the mentions whose code is among the first five candidates. */
  top5: number;
}

/** Codes for spans that are right: normalization by itself. */
export interface CodeEvaluation extends CodeScores {
  seen: CodeScores;
  unseen: CodeScores;
  terminologies: Record<string, CodeScores>;
  /** Codes taken for each other, those that cost most first. */
  confusions: { gold: string; predicted: string | null; count: number; texts: string[] }[];
}

/** Scores codes of gold spans; repeated mentions count every time. */
export function evaluateCodes(cases: readonly CodedCase[]): CodeEvaluation {
  const terminologies = [...new Set(cases.map(({ gold }) => terminologyOf(gold)))].sort(compareStrings);
  return {
    ...scoresOf(cases),
    seen: scoresOf(cases.filter(({ seen }) => seen)),
    unseen: scoresOf(cases.filter(({ seen }) => !seen)),
    terminologies: Object.fromEntries(
      terminologies.map((name) => [name, scoresOf(cases.filter(({ gold }) => terminologyOf(gold) === name))]),
    ),
    confusions: confusionsOf(cases),
  };
}

function scoresOf(cases: readonly CodedCase[]): CodeScores {
  const correct = cases.filter(({ gold, predicted }) => gold === predicted).length;
  const among = cases.filter(({ gold, candidates }) => candidates.slice(0, 5).includes(gold)).length;
  const share = (count: number) => (cases.length === 0 ? 0 : count / cases.length);
  return { mentions: cases.length, correct, accuracy: share(correct), top5: share(among) };
}

function confusionsOf(cases: readonly CodedCase[]): CodeEvaluation['confusions'] {
  const byPair = new Map<string, CodeEvaluation['confusions'][number]>();
  for (const { gold, predicted, text } of cases) {
    if (gold === predicted) continue;
    const key = JSON.stringify([gold, predicted]);
    const entry = byPair.get(key) ?? { gold, predicted, count: 0, texts: [] };
    byPair.set(key, entry);
    entry.count++;
    if (!entry.texts.includes(text)) entry.texts.push(text);
  }
  return [...byPair.values()].sort((a, b) => b.count - a.count || compareStrings(a.gold, b.gold));
}
