import type { Engine } from '../backend/started.js';
import { opened } from '../backend/opened.js';
import { eachInWay } from '../backend/precision.js';
import { MOST_WINDOWS } from '../config/sections/values.js';
import { checkWhole } from '../config/given.js';
import type { Context } from '../context.js';
import type { ModelSettings } from '../formats/model.js';
import { codeSpans, rowsOf, type CandidateRow } from './codes.js';
import { predictTogether } from './ensemble.js';
import { openModels, type OpenModelsOptions } from './openModels.js';
import type { Prediction, Text } from './predictor.js';
import { checkStopped } from './stop.js';

/** What runs have learned, on an engine. */
export interface OpenedRun {
  tasks: ModelSettings['tasks'];
  engine: Engine;
  find(texts: AsyncIterable<Text> | Iterable<Text>, signal: AbortSignal): AsyncGenerator<FoundInText>;
  dispose(): void;
}

export interface FoundInText extends Pick<Prediction, 'name' | 'text' | 'spans'> {
  /** Of the spans of the task that gets codes; absent where the run has nothing that finds them. */
  codes?: CandidateRow[];
}

/** Opens models as `openModels`, for a program: it may call them from several places at once, and close them under these. */
export async function openRun(
  runs: readonly [string, ...string[]],
  options: OpenModelsOptions,
  context: Context,
): Promise<OpenedRun> {
  if (options.batchSize !== undefined) checkWhole('batchSize', options.batchSize, 1, MOST_WINDOWS);
  const models = await openModels(runs, options, context);
  const { backend, decoding, normalizer } = models;
  const tasks = Object.keys(models.tasks);
  async function* find(texts: Parameters<OpenedRun['find']>[0], signal: AbortSignal) {
    const predictors = models.predictors.map((predictor) => ({ ...predictor, signal }));
    for await (const { name, text, spans } of predictTogether(predictors, texts)) {
      checkStopped(signal);
      const found: FoundInText = { name, text, spans };
      if (normalizer) {
        const coded = await codeSpans(normalizer, tasks, found);
        found.codes = rowsOf(name, coded, decoding.codeCalibration);
      }
      yield found;
    }
  }
  const { useEach, close } = opened('model', models.dispose);
  return {
    tasks: models.tasks,
    engine: models.engine,
    find: (texts, signal) => useEach(eachInWay(backend, find(texts, signal))),
    dispose: close,
  };
}
