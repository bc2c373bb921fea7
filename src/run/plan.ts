import type { Config } from '../config/schema.js';
import { expandSchedule } from '../config/schedule.js';
import { warningLines } from '../data/warnings.js';
import type { Model } from '../model/model.js';
import { isTrained } from '../model/part.js';
import { rateFactor } from '../train/optimizer.js';
import { countWindows, plannedSteps, rateLeft, stepBatch, trainableParts } from '../train/schedule.js';
import { checkAugmentation } from './augmentCorpus.js';
import { closePrepared, noticesOf, prepareData } from './prepare.js';

export interface PlannedEpoch {
  epoch: number;
  windows: 'positive' | 'full';
  count: number;
  steps: number;
  /** Of the first step and of the last, warm-up apart. */
  rate: number;
  lastRate: number;
  /** Of new layers, in the same steps. */
  headRate: number;
  lastHeadRate: number;
  /** Of the embeddings, in the same steps: the lowest. */
  embeddingsRate: number;
  lastEmbeddingsRate: number;
  frozen: string;
  trainable: number;
}

export interface Plan {
  /** `scored`: those of the final scores; the validation documents, where no others are held out. */
  documents: { training: number; validation: number; scored: number };
  windows: { all: number; positive: number };
  piecesInUse: number;
  parameters: number;
  /** Windows that are computed together, and those of a step: `accumulate` times as many. */
  batchSize: number;
  batch: number;
  steps: number;
  /** Runs that are learned from, and how many training documents each teaches. */
  teachers: { run: string; documents: number }[];
  epochs: PlannedEpoch[];
  /** What the model cannot learn of the training documents, what cannot be done without others, what is not counted. */
  notices: string[];
  /** What is left out of the corpus: `warningLines`. */
  warnings: string[];
}

/** What a training of this config would do, without an engine: for `train --dry-run`. */
export async function planRun(config: Config): Promise<Plan> {
  const data = await prepareData(config);
  await checkAugmentation(config, data).finally(() => closePrepared(data));
  const held = data.held.ids.length;
  const { training } = config;
  const schedule = expandSchedule(training);
  const stepsOf = plannedSteps(data.windows, schedule, training);
  const sum = (counts: number[]) => counts.reduce((all, count) => all + count, 0);
  const steps = sum(stepsOf);
  const [above, below] = (['new', 'embeddings'] as const).map((group) =>
    rateFactor({ group }, data.model.encoder.layers, training),
  ) as [number, number];
  const epochs = schedule.map((epoch, number): PlannedEpoch => {
    const before = sum(stepsOf.slice(0, number));
    const rateOf = (step: number) => epoch.rate * rateLeft(step, { ...training, steps });
    const [rate, lastRate] = [rateOf(before), rateOf(before + Math.max(0, stepsOf[number]! - 1))];
    return {
      epoch: number,
      windows: epoch.windows,
      count: countWindows(data.windows, epoch),
      steps: stepsOf[number]!,
      rate,
      lastRate,
      headRate: rate * above,
      lastHeadRate: lastRate * above,
      embeddingsRate: rate * below,
      lastEmbeddingsRate: lastRate * below,
      frozen: epoch.frozen === 'encoder' ? 'encoder' : epoch.frozen.join(', ') || 'none',
      trainable: countTrainable(data.model, held, epoch.frozen),
    };
  });
  return {
    documents: {
      training: data.split.training.length,
      validation: data.validation.length,
      scored: data.scored.length,
    },
    windows: { all: data.windows.length, positive: data.windows.filter((window) => window.positive).length },
    piecesInUse: held,
    parameters: countTrainable(data.model, data.model.encoder.vocabularySize, []),
    batchSize: training.batchSize,
    batch: stepBatch(training),
    steps,
    teachers: data.teachers.map(({ run, teaches }) => ({ run, documents: teaches.size })),
    epochs,
    notices: [...noticesOf(data, config), ...toBeMade(config)],
    warnings: warningLines(data.corpus),
  };
}

function toBeMade({ augmentation: { labels, corpus } }: Config): string[] {
  if (labels.length === 0 || corpus !== null) return [];
  return [`New examples of ${labels.join(', ')} will be made first; their windows are not counted here.`];
}

function countTrainable(
  { encoder, parameters }: Model,
  wordRows: number,
  frozen: Parameters<typeof trainableParts>[0],
): number {
  const parts = trainableParts(frozen, encoder.layers);
  let count = 0;
  for (const spec of parameters) {
    const [rows, ...rest] = spec.shape as [number, ...number[]];
    if (isTrained(spec, parts))
      count += rest.reduce((size, side) => size * side, spec.use === 'words' ? wordRows : rows);
  }
  return count;
}
