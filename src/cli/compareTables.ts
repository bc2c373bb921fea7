import type {
  ComparedScores,
  ComparedVariant,
  Comparison,
  Difference,
  Estimate,
} from '../compare/comparison.js';
import { meanAndDeviation } from '../compare/estimate.js';
import { formatDuration, formatScore } from './format.js';

/** A table as text, before it is a terminal's, Markdown or LaTeX. */
export interface TextTable {
  header: string[];
  /** The rows of each group stand under its title. */
  groups: { title: string; rows: string[][] }[];
}

/** A table per track: all labels together, then each; under each the variants and what is published. */
export function scoreTables(comparison: Comparison): TextTable[] {
  const { tracks, variants, published, baseline, statistics } = comparison;
  const level = `${Math.round(statistics.level * 100)} % of F1`;
  const header = ['P', 'R', 'F1', level, ...(variants.length > 1 ? ['diff.', 'p', 'Holm'] : [])];
  return tracks.map(({ track, labels }) => {
    const group = (title: string, scoresOf: (variant: ComparedVariant) => ComparedScores) => ({
      title: `${title} (${scoresOf(variants[0]!).spans})`,
      rows: variants.map((variant) => [
        variant.name,
        ...scoreCells(scoresOf(variant)),
        ...(variants.length > 1
          ? differenceCells(scoresOf(variant).difference, variant.name === baseline)
          : []),
      ]),
    });
    const all = group('all', (variant) => variant.tracks[track]!.all);
    for (const { name, task, precision, recall, f1, split } of published)
      if (task === track)
        all.rows.push([
          name,
          ...[precision, recall, f1].map((score) => (score === null ? '–' : formatScore(score))),
          `published, ${split}`,
          ...header.slice(4).map(() => ''),
        ]);
    return {
      header: [track, ...header],
      groups: [
        all,
        ...labels.map((label) => group(label, (variant) => variant.tracks[track]!.labels[label]!)),
      ],
    };
  });
}

function scoreCells({ precision, recall, f1 }: ComparedScores): string[] {
  const [low, high] = f1.interval.map(formatScore);
  return [estimateText(precision), estimateText(recall), estimateText(f1), `[${low}, ${high}]`];
}

function differenceCells(difference: Difference | undefined, isBaseline: boolean): string[] {
  if (!difference) return [isBaseline ? 'baseline' : '', '', ''];
  return [signed(difference.f1), probability(difference.p), probability(difference.adjusted)];
}

function estimateText({ mean, deviation }: Pick<Estimate, 'mean' | 'deviation'>): string {
  return deviation === null ? formatScore(mean) : `${formatScore(mean)} ±${formatScore(deviation)}`;
}

function signed(value: number): string {
  const score = formatScore(Math.abs(value));
  if (Number(score) === 0) return score;
  return `${value < 0 ? '−' : '+'}${score}`;
}

function probability(p: number): string {
  return p < 0.001 ? '<.001' : formatScore(p);
}

/** Most epochs that stand side by side. */
const EPOCHS = 6;

/** Validation F1 of each task after each epoch; of more epochs than fit side by side several tables. */
export function curveTables({ tracks, variants }: Comparison): TextTable[] {
  const count = Math.max(0, ...variants.flatMap(({ runs }) => runs.map(({ curve }) => curve.length)));
  const tasks = tracks.map(({ track }) => track).filter((task) => hasCurve(variants, task));
  if (tasks.length === 0) return [];
  const starts = Array.from({ length: Math.ceil(count / EPOCHS) }, (_, i) => i * EPOCHS);
  return starts.map((start) => {
    const epochs = Array.from({ length: Math.min(EPOCHS, count - start) }, (_, i) => start + i);
    return {
      header: ['F1 by epoch', ...epochs.map(String)],
      groups: tasks.map((task) => ({
        title: task,
        rows: variants.map((variant) => [
          variant.name,
          ...epochs.map((epoch) => curveCell(variant, task, epoch)),
        ]),
      })),
    };
  });
}

/** With the number of runs that came so far, where others had stopped. */
function curveCell({ runs }: ComparedVariant, task: string, epoch: number): string {
  const values = runs.flatMap(({ curve }) => curve.find((point) => point.epoch === epoch)?.f1[task] ?? []);
  if (values.length === 0) return '–';
  const text = estimateText(meanAndDeviation(values));
  return values.length === runs.length ? text : `${text} (${values.length})`;
}

function hasCurve(variants: readonly ComparedVariant[], task: string): boolean {
  return variants.some(({ runs }) => runs.some(({ curve }) => curve.some(({ f1 }) => task in f1)));
}

/** What the runs took: a dash where a run does not say. */
export function costTable({ variants }: Comparison): TextTable {
  const memory = (mebibytes: number) => `${(mebibytes / 1024).toFixed(1)} GiB`;
  return {
    header: ['time and memory', 'runs', 'training', 'whole run', 'peak memory'],
    groups: [
      {
        title: '',
        rows: variants.map(({ name, runs }) => [
          name,
          String(runs.length),
          range(
            runs.map(({ trainingSeconds }) => trainingSeconds),
            formatDuration,
          ),
          range(
            runs.map(({ seconds }) => seconds),
            formatDuration,
          ),
          range(
            runs.map(({ peakMemoryMiB }) => peakMemoryMiB),
            memory,
          ),
        ]),
      },
    ],
  };
}

/** The least and the most. */
function range(values: readonly (number | null)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length) return '–';
  const [least, most] = [Math.min(...known), Math.max(...known)].map(format);
  return least === most ? least! : `${least} to ${most}`;
}

/** What the columns are, in sentences. */
export function notesOf({
  variants,
  baseline,
  validation,
  folds,
  published,
  statistics,
}: Comparison): string[] {
  const number = (value: number) => value.toLocaleString('en');
  const seeds = variants.map(({ name, seeds: own }) => `${name} ${own.join(', ')}`);
  const single = variants.filter(({ seeds: own }) => own.length === 1).map(({ name }) => name);
  const level = Math.round(statistics.level * 100);
  return [
    `P, R, F1: mean ± standard deviation over seeds (${seeds.join('; ')}). In parentheses: gold spans.`,
    ...(folds === null
      ? []
      : [
          `Each document is scored once, by the one of ${folds} models that was trained without its fold; their counts are summed.`,
        ]),
    ...(single.length > 0 ? [`One seed only, so that the deviation is unknown: ${single.join(', ')}.`] : []),
    `${level} %: percentile bootstrap over the ${number(validation)} documents, of the mean (${number(statistics.resamples)} resamples).`,
    ...(variants.length > 1
      ? [
          `diff.: F1 less that of ${baseline}. p: approximate randomisation over documents (${number(statistics.permutations)} exchanges), two-sided. ` +
            `Holm: the same, corrected over all ${statistics.tests} tests.`,
        ]
      : []),
    ...(published.length > 0
      ? ['published: as printed, on other documents or by other seeds; nothing was tested against it.']
      : []),
  ];
}
