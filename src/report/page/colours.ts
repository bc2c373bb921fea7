import type { ErrorKind } from '../../eval/analysis.js';

/** Colours that tell labels apart: they begin anew in each track, and are the style sheet's. */
const COLOURS = 8;

export function labelColour(label: string, labels: readonly string[]): string {
  const index = labels.indexOf(label);
  return index < 0 ? 'var(--other)' : colour(index);
}

export function colour(index: number): string {
  return `var(--colour-${index % COLOURS})`;
}

export const kinds: { kind: ErrorKind; title: string; means: string; colour: string }[] = [
  {
    kind: 'boundary',
    title: 'boundary',
    means: 'right label, the spans overlap, other offsets',
    colour: 'var(--kind-boundary)',
  },
  { kind: 'label', title: 'label', means: 'right offsets, another label', colour: 'var(--kind-label)' },
  {
    kind: 'labelAndBoundary',
    title: 'label and boundary',
    means: 'the spans overlap, nothing else',
    colour: 'var(--kind-both)',
  },
  {
    kind: 'missed',
    title: 'missed',
    means: 'a gold span that no prediction is left for',
    colour: 'var(--kind-missed)',
  },
  {
    kind: 'invented',
    title: 'invented',
    means: 'a prediction that no gold span is left for',
    colour: 'var(--kind-invented)',
  },
];
