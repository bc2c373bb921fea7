import type { Output, Tag } from './labels.js';

/** What an output says of one label in a text. */
export interface LabelledWords {
  task: string;
  label: string;
  /** [words]: that a word is in a span of the label. */
  probabilities: Float64Array;
  /** [words]: 1 where a span does not go on from the word before. */
  begins: Uint8Array;
}

/** Words `first` to `last` (both included) that make a span, with the mean probability of its label. */
export interface Run {
  first: number;
  last: number;
  probability: number;
}

/**
 * One that thresholds greater than `above` give, up to `upTo`. `above` is -1 where it stands at no word that a smaller
 * threshold would add.
 */
export interface CandidateRun extends Run {
  above: number;
  upTo: number;
}

/** The labels of all outputs, in order. @param probabilities per output, [words * channels] */
export function* labelledWords(
  outputs: readonly Output[],
  probabilities: readonly ArrayLike<number>[],
): Generator<LabelledWords> {
  for (const [index, output] of outputs.entries())
    for (const [task, labels] of labelChannels(output))
      for (const [label, channels] of labels)
        yield { task, label, ...wordsOf(probabilities[index]!, output.channels.length, channels) };
}

/**
 * The runs of every threshold from `least` on: words next to one another that all reach it, none of which begins a span
 * but the first. In time that grows with the words alone.
 */
export function candidateRuns(
  { probabilities, begins }: Pick<LabelledWords, 'probabilities' | 'begins'>,
  least: number,
): CandidateRun[] {
  const runs: CandidateRun[] = [];
  const sums = new Float64Array(probabilities.length + 1);
  probabilities.forEach((value, word) => (sums[word + 1] = sums[word]! + (isNaN(value) ? 0 : value)));
  const probabilityAt = (word: number) =>
    word >= 0 && word < probabilities.length && !isNaN(probabilities[word]!) ? probabilities[word]! : -1;
  const open: { first: number; upTo: number }[] = []; // of growing probability, one within the other
  const close = (end: number, next: number) => {
    const { first, upTo } = open.pop()!;
    const before = begins[first] ? -1 : probabilityAt(first - 1);
    const probability = (sums[end]! - sums[first]!) / (end - first);
    runs.push({ first, last: end - 1, probability, above: Math.max(before, next), upTo });
  };
  for (let word = 0; word <= probabilities.length; word++) {
    const value = probabilityAt(word);
    const next = begins[word] ? -1 : value;
    let first = word;
    while (open.length > 0 && open.at(-1)!.upTo > next) {
      ({ first } = open.at(-1)!);
      close(word, next);
    }
    if (begins[word]) first = word;
    if (value >= least && value >= 0 && open.at(-1)?.upTo !== value) open.push({ first, upTo: value });
  }
  return runs;
}

/** The channels that speak for a label, by tag; several per tag with joint outputs. */
type LabelChannels = Record<Tag, number[]>;

function labelChannels(output: Output): Map<string /*task*/, Map<string /*label*/, LabelChannels>> {
  const tasks = new Map<string, Map<string, LabelChannels>>();
  for (const [index, { tag, labels }] of output.channels.entries()) {
    for (const [task, label] of Object.entries(labels)) {
      const ofTask = tasks.get(task) ?? new Map<string, LabelChannels>();
      const channels = ofTask.get(label) ?? { B: [], I: [], U: [] };
      channels[tag].push(index);
      tasks.set(task, ofTask.set(label, channels));
    }
  }
  return tasks;
}

/** A span begins where B or U is more probable than I, and after a word whose most probable tag is U. */
function wordsOf(all: ArrayLike<number>, width: number, { B, I, U }: LabelChannels) {
  const probabilities = new Float64Array(all.length / width);
  const begins = new Uint8Array(probabilities.length);
  const total = (row: number, channels: number[]) => {
    let sum = 0;
    for (const channel of channels) sum += all[row + channel]!;
    return sum;
  };
  let ended = true;
  for (let word = 0; word < probabilities.length; word++) {
    const begin = total(word * width, B);
    const inside = total(word * width, I);
    const unit = total(word * width, U);
    const sum = begin + inside + unit;
    probabilities[word] = sum > 1 ? 1 : sum;
    begins[word] = Number(ended || begin > inside || unit > inside);
    ended = unit > begin && unit > inside;
  }
  return { probabilities, begins };
}
