import type { Plan } from '../run/plan.js';
import type { EvaluatedCodes } from '../run/evaluateCodes.js';
import type { RunEvaluation } from '../run/evaluateRun.js';
import { formatScore } from './format.js';
import { scoresTable } from './normalizeTables.js';
import { formatTable } from './table.js';

/** The plan of a training, epoch by epoch. */
export function planTables({ documents, windows, epochs, ...plan }: Plan): string {
  const number = (value: number) => value.toLocaleString('en');
  const rows = epochs.map((epoch) => [
    epoch.epoch,
    epoch.windows,
    number(epoch.count),
    number(epoch.steps),
    epoch.rate.toExponential(1),
    epoch.headRate.toExponential(1),
    epoch.frozen,
    number(epoch.trainable),
  ]);
  const header = ['epoch', 'windows', 'count', 'steps', 'rate', 'new layers', 'frozen', 'trainable'];
  return [
    `${number(documents.training)} training and ${number(documents.validation)} validation documents`,
    `${number(windows.all)} windows, ${number(windows.positive)} positive; ${number(plan.piecesInUse)} pieces in use`,
    `${number(plan.parameters)} parameters; ${number(plan.steps)} steps of ${number(plan.batch)} windows${parts(plan)}`,
    '',
    formatTable(header, rows),
    ...plan.notices.map((notice) => `\n${notice}`),
  ].join('\n');
}

function parts({ batch, batchSize }: Pick<Plan, 'batch' | 'batchSize'>): string {
  return batch === batchSize ? '' : `, ${batchSize} at once`;
}

/** Entity-wise scores of every task and label, and of the codes: with predicted spans, then with gold ones. */
export function evaluationTable(
  evaluation: RunEvaluation,
  folder: string,
  { codes, report }: { codes?: EvaluatedCodes | undefined; report?: string | undefined },
): string {
  const rows = Object.entries(evaluation).flatMap(([task, scores]) => {
    const { groups, top5, truePositives, falseNegatives } = scores;
    const first5 =
      top5 === undefined
        ? []
        : [['', 'in first 5', '', formatScore(top5), '', truePositives + falseNegatives]];
    return [
      [task, groups ? 'codes' : 'all', ...cells(scores)],
      ...first5,
      ...Object.entries(groups ?? scores.perLabel).map(([label, ratios]) => ['', label, ...cells(ratios)]),
    ];
  });
  return [
    formatTable(['task', 'label', 'P', 'R', 'F1', 'spans'], rows),
    ...(codes ? [scoresTable(codes)] : []),
    `Best checkpoint, predictions and evaluation are in ${folder}${report ? `; open ${report} in a browser` : ''}`,
  ].join('\n\n');
}

function cells(scores: RunEvaluation[string]['perLabel'][string]): (string | number)[] {
  const { precision, recall, f1, truePositives, falseNegatives } = scores;
  return [formatScore(precision), formatScore(recall), formatScore(f1), truePositives + falseNegatives];
}
