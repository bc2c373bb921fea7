import type { Measured, PretrainingReport } from '../formats/pretraining.js';
import type { PretrainingPlan } from '../run/planPretraining.js';
import { formatTable } from './table.js';

const number = (value: number) => value.toLocaleString('en');
const layers = (count: number) => `${count} ${count === 1 ? 'layer' : 'layers'}`;

export function pretrainingPlanText(plan: PretrainingPlan): string {
  const { texts, windows, pieces, teacher, warmupSteps } = plan;
  const rate = plan.rate.toExponential(1);
  const rises = warmupSteps === 0 ? `is ${rate} at first` : `rises over ${number(warmupSteps)} to ${rate}`;
  return [
    `${number(texts.training)} texts train, ${number(texts.heldOut)} are held out; ${number(windows.training)} and ${number(windows.heldOut)} windows`,
    `${number(pieces.inUse)} of ${number(pieces.all)} pieces in use; ${layers(plan.layers)}, ${number(plan.trainable)} trained parameters`,
    `${number(plan.steps)} steps of ${number(plan.batchSize)} windows; the rate ${rises}, then falls to 0`,
    teacher === null ? 'No teacher' : `Its teacher has ${layers(teacher)}`,
  ].join('\n');
}

export function pretrainingTable({
  folder,
  before,
  after,
  steps,
}: PretrainingReport & { folder: string }): string {
  const row = (name: string, { loss, perplexity, pieces }: Measured) => [
    name,
    loss.toFixed(4),
    perplexity.toFixed(2),
    number(pieces),
  ];
  const rows = [...(before ? [row('before', before)] : []), ...(after ? [row('after', after)] : [])];
  const header = ['held out', 'loss', 'perplexity', 'hidden pieces'];
  return [
    rows.length > 0 ? formatTable(header, rows) : 'No text was held out to measure by',
    `${number(steps)} steps; the encoder is in ${folder}: name it in encoder.weights`,
  ].join('\n\n');
}
