import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import type { Document } from '../data/document.js';
import { randomFrom } from '../data/random.js';
import { UsageError } from '../errors.js';
import { maskedLmIdentity } from '../model/weights/maskedLm.js';
import { expectCached, scoreCached } from './cache.js';
import { makeCandidates, type Candidate, type Candidates } from './candidates.js';
import { likenessOf, openExpectations, type Expectation } from './expectations.js';
import { openScorer } from './likelihood.js';
import type { SpanRequest } from './excerpt.js';
import { describeCandidates, type Augmented } from './provenance.js';
import { selectCandidates, type Ranked, type Scored } from './select.js';
import type { Excised } from './substitute.js';

/** The phase of the candidates' likelihoods. */
export const SCORING = 'sentences scored';

/**
 * What new examples of the labels that a config asks for are chosen from: nothing is asked of a model yet.
 * @param documents those that train; nothing else is looked at
 * @throws UsageError for a label that no task has, or of which there is nothing to make examples of
 */
export function candidatesFor(
  documents: readonly Document[],
  { tasks, seed, augmentation }: Pick<Config, 'tasks' | 'seed' | 'augmentation'>,
): (Candidates & { label: string })[] {
  return augmentation.labels.map((label) => {
    const options = { task: taskOf(label, tasks), label, ...augmentation };
    const candidates = makeCandidates(documents, options, randomFrom(seed));
    checkCandidates(label, candidates, augmentation.substituteCount);
    return { label, ...candidates };
  });
}

/**
 * Makes new examples of the labels that a config asks for: sentences of training documents with other
 * mentions in place of theirs, the likeliest under a masked language model. The engine must have been started.
 * @param documents those that train; nothing else is looked at
 * @throws UsageError as `candidatesFor`
 */
export async function augmentDocuments(
  documents: readonly Document[],
  config: Pick<Config, 'tasks' | 'seed' | 'augmentation' | 'backend'>,
  context: Context,
): Promise<Augmented> {
  const { augmentation, backend } = config;
  const made = candidatesFor(documents, config);

  const sentences = [
    ...new Set(made.flatMap(({ candidates }) => candidates.map(({ original }) => original.sentence))),
    ...made.flatMap(({ candidates }) => candidates.map(({ sentence }) => sentence)),
  ];
  const { scores, expectations } = await consult(
    sentences,
    placesOf(made),
    augmentation.scoring,
    backend.precision,
    context,
  );
  const scored = (candidate: Candidate): Scored => {
    const expected = expectations.get(candidate.original.sentence)!;
    const likeness = candidate.origins.map((origin) => likenessOf(expected, expectations.get(origin)!));
    return {
      ...candidate,
      score: scores.get(candidate.sentence)!,
      originalScore: scores.get(candidate.original.sentence)!,
      likeness: Math.max(...likeness),
    };
  };

  const ranked = made.flatMap(({ label, mentions, originals, candidates }): Ranked[] => {
    const count = augmentation.count ?? Math.round(mentions * (augmentation.multiple - 1));
    const selected = selectCandidates(candidates.map(scored), { ...augmentation, count });
    const kept = selected.filter((candidate) => candidate.kept).length;
    if (kept < count)
      context.notice(
        `${label}: ${kept} of ${count} new examples: of ${originals.length} originals ${candidates.length} candidates were made, and augmentation.minimumScore, maximumPerOriginal and maximumPerSubstitute keep no more`,
      );
    return selected;
  });
  return describeCandidates(ranked);
}

function taskOf(label: string, tasks: Config['tasks']): string {
  const holders = Object.keys(tasks).filter((task) => tasks[task]!.labels.includes(label));
  if (holders.length === 1) return holders[0]!;
  const all = Object.values(tasks).flatMap(({ labels }) => labels);
  throw new UsageError(
    holders.length === 0
      ? `augmentation.labels: no task has the label ${label}; there are ${all.join(', ')}`
      : `augmentation.labels: ${label} is a label of the tasks ${holders.join(' and ')}; only labels of one task can get new examples`,
  );
}

function checkCandidates(label: string, made: Candidates, substituteCount: number): void {
  if (made.mentions === 0)
    throw new UsageError(
      `augmentation.labels: no training document has an example of ${label}: take it out, or hold out other documents`,
    );
  if (made.candidates.length === 0)
    throw new UsageError(
      `augmentation: of ${made.mentions} mentions of ${label}, ${made.substitutes} occur ${substituteCount} times or less, and none can stand for another: raise augmentation.substituteCount, or take ${label} out`,
    );
}

/** The sentences that mentions come from, of originals and of substitutes. */
function placesOf(made: Candidates[]): Excised[] {
  const candidates = made.flatMap((each) => each.candidates);
  return [...new Set(candidates.flatMap(({ original, origins }) => [original.sentence, ...origins]))];
}

/** Scores of sentences, and what is expected in places, by what is asked of the model, or was once. */
async function consult(
  sentences: Excised[],
  places: Excised[],
  { weights: folder, vocabulary, method, window, scored, cache }: Config['augmentation']['scoring'],
  precision: Config['backend']['precision'],
  context: Context,
) {
  const identity = await maskedLmIdentity(folder, { vocabulary });
  const weights = precision === 'float32' ? identity : `${identity}-${precision}`;
  const options = { method, window: window ?? Infinity, scored };
  const requestOf = ({ document, span }: Excised): SpanRequest => ({ text: document.text, ...span });
  const reached = context.phase(SCORING, sentences.length + places.length);

  const expectations = new Map<Excised, Expectation>();
  const openPlaces = () => openExpectations(folder, vocabulary);
  for await (const { index, ...expectation } of expectCached(
    cache,
    weights,
    places.map(requestOf),
    openPlaces,
    context,
  )) {
    expectations.set(places[index]!, expectation);
    await reached(expectations.size);
  }
  const scores = new Map<Excised, number>();
  const openSentences = () => openScorer(folder, options, context, vocabulary);
  const source = { weights, ...options };
  const asked = sentences.map(requestOf);
  for await (const { index, score } of scoreCached(cache, source, asked, openSentences, context)) {
    scores.set(sentences[index]!, score);
    await reached(expectations.size + scores.size);
  }
  return { scores, expectations };
}
