import type { ErrorExample } from '../eval/analysis.js';
import type { Evaluation } from '../eval/evaluation.js';
import { outcomes, type Outcome } from '../eval/pairs.js';
import type { Ratios } from '../eval/scores.js';
import { formatScore } from './format.js';
import { formatTable } from './table.js';

/** More labels than this, as codes are, and tables list only the most frequent. */
const listed = 15;

/**
 * An evaluation for people: the official scores, then per label, the kinds of errors, what was taken for
 * what, the scores by word, and the examples that were asked for.
 */
export function formatEvaluation(evaluation: Evaluation): string {
  const { semantics, perLabel, macroF1, groups, errors, confused, words } = evaluation;
  const { shown, more } = mostFrequent(perLabel);
  const all = more === '';
  return [
    `${semantics}\n${formatTable(ratioHeader, [ratioRow(evaluation)])}`,
    formatTable(
      [`per label${more}`, ...ratioHeader],
      [...labelRows(perLabel, shown), ['macro', '', '', formatScore(macroF1), '', '', '']],
    ),
    ...(groups ? [formatTable(['codes', ...ratioHeader], [...labelRows(groups, Object.keys(groups))])] : []),
    formatTable(
      ['kinds of errors', ...outcomes.map((outcome) => titles[outcome])],
      [
        ...(all
          ? shown.map((label) => [label, ...outcomes.map((kind) => errors.perLabel[label]![kind])])
          : []),
        ['all', ...outcomes.map((kind) => errors.outcomes[kind])],
      ],
    ),
    ...(confused.length === 0 ? [] : [formatConfused(confused)]),
    ...(words
      ? [
          formatTable(
            ['by word', ...ratioHeader],
            [...labelRows(words.perLabel, shown), ['all', ...ratioRow(words)]],
          ),
        ]
      : []),
    ...Object.entries(errors.examples).flatMap(([kind, examples]) =>
      examples.length === 0 ? [] : [formatExamples(titles[kind as Outcome], examples)],
    ),
  ].join('\n\n');
}

const ratioHeader = ['precision', 'recall', 'F1', 'correct', 'wrong', 'missed'];

const titles: Record<Outcome, string> = {
  correct: 'correct',
  label: 'other label',
  boundary: 'other offsets',
  labelAndBoundary: 'both other',
  missed: 'missed',
  invented: 'invented',
};

function ratioRow(ratios: Ratios): (string | number)[] {
  const { precision, recall, f1, truePositives, falsePositives, falseNegatives } = ratios;
  return [...[precision, recall, f1].map(formatScore), truePositives, falsePositives, falseNegatives];
}

function labelRows(perLabel: Record<string, Ratios>, labels: string[]): (string | number)[][] {
  return labels.map((label) => [label, ...ratioRow(perLabel[label]!)]);
}

function mostFrequent(perLabel: Record<string, Ratios>): { shown: string[]; more: string } {
  const labels = Object.keys(perLabel);
  if (labels.length <= listed) return { shown: labels, more: '' };
  const frequency = (label: string) => perLabel[label]!.truePositives + perLabel[label]!.falseNegatives;
  const shown = labels.sort((a, b) => frequency(b) - frequency(a)).slice(0, listed);
  return { shown, more: ` (${listed} of ${labels.length}, all with --json)` };
}

function formatConfused(confused: Evaluation['confused']): string {
  const rows = confused.slice(0, listed).map(({ gold, predicted, count }) => [gold, predicted, count]);
  return formatTable(['gold', 'taken for', 'times'], rows);
}

function formatExamples(title: string, examples: ErrorExample[]): string {
  return formatTable(
    [title, 'gold', 'predicted'],
    examples.map(({ document, gold, predicted }) => [document, spanText(gold), spanText(predicted)]),
  );
}

function spanText(span: ErrorExample['gold']): string {
  return span === undefined ? '–' : `${span.label} ${span.start} ${span.end} ${JSON.stringify(span.text)}`;
}
