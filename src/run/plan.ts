import type { Config } from '../config/schema.js';
import type { JointConfig } from '../model/joint.js';
import { jointShapes } from '../model/joint.js';
import { wordTable } from '../model/parameters.js';
import { layerPrefix } from '../model/weights/names.js';
import { isNewLayer } from '../train/optimizer.js';
import { countWindows, expandSchedule, trainableParts } from '../train/schedule.js';
import { closePrepared, prepareData } from './prepare.js';

export interface PlannedEpoch {
  epoch: number;
  windows: 'positive' | 'full';
  count: number;
  steps: number;
  rate: number;
  headRate: number;
  frozen: string;
  trainable: number;
}

export interface Plan {
  documents: { training: number; validation: number };
  windows: { all: number; positive: number };
  piecesInUse: number;
  parameters: number;
  steps: number;
  epochs: PlannedEpoch[];
}

/** What a training of this config would do, without an engine: for `train --dry-run`. */
export async function planRun(config: Config): Promise<Plan> {
  const data = await prepareData(config);
  await closePrepared(data);
  const held = data.held.ids.length;
  const epochs = expandSchedule(config.training).map((epoch, number): PlannedEpoch => {
    const count = countWindows(data.windows, epoch);
    return {
      epoch: number,
      windows: epoch.windows,
      count,
      steps: Math.ceil(count / config.training.batchSize),
      rate: epoch.rate,
      headRate: epoch.rate * config.training.headRateFactor,
      frozen: epoch.frozen === 'encoder' ? 'encoder' : epoch.frozen.join(', ') || 'none',
      trainable: countTrainable(data.model, held, epoch.frozen),
    };
  });
  return {
    documents: { training: data.training.length, validation: data.validation.length },
    windows: { all: data.windows.length, positive: data.windows.filter((window) => window.positive).length },
    piecesInUse: held,
    parameters: countTrainable(data.model, data.model.encoder.vocabularySize, []),
    steps: epochs.reduce((sum, { steps }) => sum + steps, 0),
    epochs,
  };
}

function countTrainable(
  model: JointConfig,
  wordRows: number,
  frozen: Parameters<typeof trainableParts>[0],
): number {
  const parts = trainableParts(frozen, model.encoder.layers);
  const layers = parts.layers.map((_, layer) => `${layerPrefix(model.encoder.type, layer)}.`);
  let count = 0;
  for (const [name, shape] of jointShapes(model)) {
    const layer = layers.findIndex((prefix) => name.startsWith(prefix));
    const trained = isNewLayer(name) || (layer < 0 ? parts.embeddings : parts.layers[layer]!);
    const [rows, ...rest] = shape as [number, ...number[]];
    if (trained)
      count += rest.reduce((size, side) => size * side, name === wordTable(model) ? wordRows : rows);
  }
  return count;
}
