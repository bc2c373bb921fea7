import { take } from '../backend/take.js';
import type { TrainingEvent } from '../train/events.js';
import type { Parameters } from '../model/parameters.js';
import type { Ratios } from '../eval/scores.js';
import { histogramOf, startEventFile, type Summary } from './eventFile.js';

/**
 * Writes a training's figures for TensorBoard, and its config as text. Call it with every event; after an epoch
 * it also reads the weights, for their histograms.
 * @param config YAML
 * @param from the step that the training goes on from
 */
export async function tensorboardWriter(
  folder: string,
  { config, from }: { config: string; from: number },
): Promise<(event: TrainingEvent, parameters: Parameters) => Promise<void>> {
  const add = await startEventFile(folder, from);
  const indented = config.replace(/^/gm, '    '); // Markdown's way of code
  await add(from, [{ tag: 'config', text: indented }]);
  return async (event, parameters) => {
    const { step } = event.progress;
    await add(step, scalarsOf(event));
    if (event.kind === 'epoch') await add(step, await weightHistograms(parameters));
  };
}

function scalarsOf(event: TrainingEvent): Summary[] {
  const scalars = event.kind === 'step' ? trainingScalars(event) : validationScalars(event);
  return Object.entries(scalars).map(([tag, scalar]) => ({ tag, scalar }));
}

function trainingScalars({ log, rate }: TrainingEvent & { kind: 'step' }): Record<string, number> {
  if (!log) return {};
  const perHead = Object.entries(log.tokens).map(([head, ratios]) =>
    ratioScalars(`training/${head}/token `, ratios),
  );
  return {
    'training/loss': log.loss,
    'training/gradient norm': log.gradientNorm,
    'training/rate': rate,
    ...Object.assign({}, ...perHead),
  };
}

function validationScalars({ validation }: TrainingEvent & { kind: 'epoch' }): Record<string, number> {
  if (!validation) return {};
  const perHead = Object.entries(validation.words).map(([head, ratios]) =>
    ratioScalars(`validation/${head}/word `, ratios),
  );
  const perTask = Object.entries(validation.tasks).flatMap(([task, scores]) => [
    ratioScalars(`validation/${task}/`, scores),
    ...Object.entries(scores.perLabel).map(([label, ratios]) =>
      ratioScalars(`validation/${task}/${label}/`, ratios),
    ),
  ]);
  return { 'validation/F1': validation.f1, ...Object.assign({}, ...perHead, ...perTask) };
}

function ratioScalars(prefix: string, { precision, recall, f1 }: Ratios): Record<string, number> {
  return { [`${prefix}precision`]: precision, [`${prefix}recall`]: recall, [`${prefix}F1`]: f1 };
}

/** Of the word table that is the rows in use. One parameter after the other is on the host. */
async function weightHistograms({ slots }: Parameters): Promise<Summary[]> {
  const summaries: Summary[] = [];
  for (const { weight } of slots.values()) {
    const histogram = histogramOf(await take(weight.read()));
    if (histogram) summaries.push({ tag: weight.name, histogram });
  }
  return summaries;
}
