import type { WordOffsets } from '../data/labels.js';
import { firstFrom } from '../data/sorted.js';
import { addConfusion, emptyConfusion, type Confusion } from './confusion.js';
import { noCounts, scoresOf, type Counts, type Scores } from './scores.js';
import type { ScoredSpan, SpansByDocument } from './spans.js';

/** Scores word by word. */
export interface WordScores extends Scores {
  /** On words: a word with several labels counts once for each; none with none is words that have no label. */
  confusion: Confusion;
}

const WORD_SEMANTICS = 'micro over words, a span holds every word that it touches';

/** Scores word by word, in the documents of `words` that are in the gold. */
export function scoreWords(
  gold: SpansByDocument,
  predicted: SpansByDocument,
  labels: readonly string[],
  words: ReadonlyMap<string, WordOffsets>,
): WordScores {
  const perLabel = new Map<string, Counts>(labels.map((label) => [label, noCounts()]));
  const confusion = emptyConfusion(labels);
  for (const [document, spans] of gold) {
    const offsets = words.get(document);
    if (offsets === undefined) continue;
    const truth = labelWords(spans, labels, offsets);
    const found = labelWords(predicted.get(document) ?? [], labels, offsets);
    const labelled = new Set([...truth.keys(), ...found.keys()]);
    for (const word of labelled)
      countWord(truth.get(word) ?? new Set(), found.get(word) ?? new Set(), perLabel, confusion);
    addConfusion(confusion, undefined, undefined, offsets.wordStarts.length - labelled.size);
  }
  return { ...scoresOf(WORD_SEMANTICS, perLabel), confusion };
}

function countWord(
  gold: Set<string>,
  predicted: Set<string>,
  perLabel: Map<string, Counts>,
  confusion: Confusion,
): void {
  const missed = [...gold].filter((label) => !predicted.has(label)).sort();
  const invented = [...predicted].filter((label) => !gold.has(label)).sort();
  for (const label of gold)
    if (predicted.has(label)) {
      perLabel.get(label)!.truePositives++;
      addConfusion(confusion, label, label);
    }
  for (const label of missed) perLabel.get(label)!.falseNegatives++;
  for (const label of invented) perLabel.get(label)!.falsePositives++;
  for (let i = 0; i < Math.max(missed.length, invented.length); i++)
    addConfusion(confusion, missed[i], invented[i]);
}

/** Labels by index of the word. */
function labelWords(
  spans: readonly ScoredSpan[],
  labels: readonly string[],
  { wordStarts, wordEnds }: WordOffsets,
): Map<number, Set<string>> {
  const labelled = new Map<number, Set<string>>();
  for (const { label, start, end } of spans) {
    if (!labels.includes(label) || !(start < end)) continue;
    for (let word = firstFrom(wordEnds, start + 1); wordStarts[word]! < end; word++) {
      if (!labelled.has(word)) labelled.set(word, new Set());
      labelled.get(word)!.add(label);
    }
  }
  return labelled;
}
