import type { Span } from '../../../data/document.js';
import type { Example } from '../../../data/examples.js';
import type { Output } from '../../../data/labels.js';
import { unitsOf } from '../../../data/units.js';
import { schemeOf, spansOf, tagsOf, tasksOf } from './tags.js';

/**
 * A sentence for each task of which tags cannot hold some gold spans, because they touch or overlap others or, where tasks
 * find the same spans, are none of another task. Spans that
 * begin or end within a unit are lost to every head: they count in the F1, but are no reason for a sentence.
 */
export function ceilings(outputs: readonly Output[], examples: readonly Example[]): string[] {
  const scheme = schemeOf(outputs);
  return outputs.flatMap((output) =>
    tasksOf(output).flatMap((task) => {
      const { gold, held, found, lost } = roundTrip(output, task, examples);
      if (lost === 0) return [];
      const saved = scheme === 'IO' ? lost - roundTrip(withBegin(output), task, examples).lost : 0;
      const f1 = ((2 * held) / (gold + found)).toFixed(3).replace(/^0/, '');
      const number = (value: number) => value.toLocaleString('en');
      return [
        `crf with scheme ${scheme} can reach at most F1 ${f1} on ${task}: ` +
          `${number(lost)} of ${number(gold)} spans touch another of their label or overlap one` +
          (tasksOf(output).length > 1 ? ', or are none of another task' : '') +
          (saved > 0 ? `; BIO would tell ${saved === lost ? 'them' : number(saved)} apart` : ''),
      ];
    }),
  );
}

/** How many spans there are, are found after they went through tags, are right, and are lost to other spans. */
function roundTrip(output: Output, task: string, examples: readonly Example[]) {
  const counts = { gold: 0, found: 0, held: 0, lost: 0 };
  const labels = new Set(output.channels.map((channel) => channel.labels[task]));
  for (const { encoded, spans } of examples) {
    const units = unitsOf(encoded);
    const [starts, ends] = [new Set(units.wordStarts), new Set(units.wordEnds)];
    const gold = new Map(
      (spans[task] ?? []).filter(({ label }) => labels.has(label)).map((span) => [keyOf(span), span]),
    );
    const found = new Set(spansOf(output, tagsOf(output, spans, units), units)[task]!.map(keyOf));
    counts.gold += gold.size;
    counts.found += found.size;
    for (const [key, { start, end }] of gold)
      if (found.has(key)) counts.held++;
      else if (starts.has(start) && ends.has(end)) counts.lost++;
  }
  return counts;
}

const keyOf = ({ label, start, end }: Span) => `${start} ${end} ${label}`;

/** An output of IO in BIO. */
function withBegin({ name, channels }: Output): Output {
  const both = ['B', 'I'] as const;
  return { name, channels: channels.flatMap(({ labels }) => both.map((tag) => ({ tag, labels }))) };
}
