import type { Plan } from '../run/plan.js';
import type { EvaluatedCodes } from '../run/evaluateCodes.js';
import type { RunEvaluation } from '../run/evaluateRun.js';
import { formatScore } from './format.js';
import { scoresTable } from './normalizeTables.js';
import { formatTable } from './table.js';

/** The plan of a training, epoch by epoch. */
export function planTables({ documents, windows, epochs, ...plan }: Plan): string {
  const areAlike = epochs.every(({ rate, embeddingsRate }) => rate === embeddingsRate);
  const rows = epochs.map((epoch) => [
    epoch.epoch,
    epoch.windows,
    number(epoch.count),
    number(epoch.steps),
    rates(epoch.rate, epoch.lastRate),
    ...(areAlike ? [] : [rates(epoch.embeddingsRate, epoch.lastEmbeddingsRate)]),
    rates(epoch.headRate, epoch.lastHeadRate),
    epoch.frozen,
    number(epoch.trainable),
  ]);
  const ofEncoder = areAlike ? ['rate'] : ['rate', 'embeddings'];
  const header = ['epoch', 'windows', 'count', 'steps', ...ofEncoder, 'new layers', 'frozen', 'trainable'];
  return [
    documentsText(documents),
    `${number(windows.all)} windows, ${number(windows.positive)} positive; ${number(plan.piecesInUse)} pieces in use`,
    `${number(plan.parameters)} parameters; ${number(plan.steps)} steps of ${number(plan.batch)} windows${parts(plan)}`,
    ...teachersText(plan),
    '',
    formatTable(header, rows),
    ...plan.notices.map((notice) => `\n${notice}`),
  ].join('\n');
}

function documentsText({ training, validation, scored }: Plan['documents']): string {
  const sides = `${number(training)} training and ${number(validation)} validation documents`;
  return scored === validation ? sides : `${sides}; ${number(scored)} others are scored at the end`;
}

function rates(first: number, last: number): string {
  return first === last ? first.toExponential(1) : `${first.toExponential(1)} to ${last.toExponential(1)}`;
}

const number = (value: number) => value.toLocaleString('en');

function parts({ batch, batchSize }: Pick<Plan, 'batch' | 'batchSize'>): string {
  return batch === batchSize ? '' : `, ${batchSize} at once`;
}

function teachersText({ teachers }: Pick<Plan, 'teachers'>): string[] {
  if (teachers.length === 0) return [];
  const each = teachers.map(({ run, documents }) => `${run} of ${number(documents)}`);
  return [`Teachers: ${each.join(', ')} documents`];
}

/** Entity-wise scores of every task and label, and of the codes: with predicted spans, then with gold ones. */
export function evaluationTable(
  evaluation: RunEvaluation,
  folder: string,
  { codes, report }: { codes?: EvaluatedCodes; report?: string },
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
    ...(rows.length > 0 ? [formatTable(['task', 'label', 'P', 'R', 'F1', 'spans'], rows)] : []),
    ...(codes ? [scoresTable(codes)] : []),
    rows.length === 0
      ? `The model of the last epoch is in ${folder}; no document was held out to score it`
      : `Best checkpoint, predictions and evaluation are in ${folder}${report ? `; open ${report} in a browser` : ''}`,
  ].join('\n\n');
}

function cells(scores: RunEvaluation[string]['perLabel'][string]): (string | number)[] {
  const { precision, recall, f1, truePositives, falseNegatives } = scores;
  return [formatScore(precision), formatScore(recall), formatScore(f1), truePositives + falseNegatives];
}
