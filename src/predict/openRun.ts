import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine, type EngineChoice } from '../backend/engine.js';
import type { Engine } from '../backend/started.js';
import { opened } from '../backend/opened.js';
import { eachInWay, inWay } from '../backend/precision.js';
import { checkSettable, PREDICTION } from '../config/settable.js';
import { MOST_WINDOWS } from '../config/sections/values.js';
import { checkWhole } from '../config/given.js';
import type { Context } from '../context.js';
import { modelFolders } from '../fetch/named.js';
import type { ModelSettings } from '../formats/model.js';
import { openEmbedder } from '../normalize/embedders/open.js';
import { openNormalizer } from '../normalize/folder.js';
import { tunedSettings } from '../runFolder/tuned.js';
import { codeSpans, rowsOf, type CandidateRow } from './codes.js';
import { decodingBy, openTogether, predictTogether } from './ensemble.js';
import type { Prediction, Text } from './predictor.js';
import { checkStopped } from './stop.js';
import { checkpointOf, predictionSettings } from './settings.js';

export interface OpenRunOptions extends Partial<EngineChoice> {
  checkpoint?: 'best' | 'last';
  /** Windows that are computed together. */
  batchSize?: number;
  /** Take the thresholds that were tuned for the first. */
  tuned?: boolean;
  /** Read no window to its end in which the gate finds nothing that `meddoprof gate` has made of each run. */
  earlyExit?: boolean;
  /** Settings of --set. */
  set?: readonly string[];
}

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

/** Starts an engine, and puts the models of runs or checkpoints on it, with what finds codes of the first. */
export async function openRun(
  runs: readonly [string, ...string[]],
  options: OpenRunOptions,
  context: Context,
): Promise<OpenedRun> {
  const { checkpoint = 'best', batchSize = 16, tuned = false, earlyExit, set = [] } = options;
  const { engine, device, precision } = options;
  checkWhole('batchSize', batchSize, 1, MOST_WINDOWS);
  checkSettable('predict', set, PREDICTION);
  const homes = await modelFolders(runs, context);
  const folders = homes.map((run) => checkpointOf([join(run, 'checkpoints', checkpoint), run]));
  const given = Object.entries({ engine, device, precision }).filter(([, value]) => value !== undefined);
  const thresholds = tuned ? await tunedSettings(homes[0]) : [];
  const settings = [...thresholds, ...set, ...given.map(([name, value]) => `backend.${name}=${value}`)];
  const { backend, decoding, normalization } = await predictionSettings(folders[0]!, settings);
  const started = await startEngine(backend, context);
  return inWay(backend, async () => {
    const together = await openTogether(folders, { batchSize, earlyExit }, context);
    try {
      const saved = join(homes[0], 'normalizer');
      const normalizer = existsSync(saved)
        ? await openNormalizer(saved, openEmbedder, context, normalization)
        : undefined;
      const decoded = decodingBy(together.predictors, decoding);
      const tasks = Object.keys(together.tasks);
      async function* find(texts: Parameters<OpenedRun['find']>[0], signal: AbortSignal) {
        const predictors = decoded.map((predictor) => ({ ...predictor, signal }));
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
      const { useEach, close } = opened('model', () => {
        normalizer?.dispose();
        together.dispose();
      });
      return {
        tasks: together.tasks,
        engine: started,
        find: (texts, signal) => useEach(eachInWay(backend, find(texts, signal))),
        dispose: close,
      } satisfies OpenedRun;
    } catch (error) {
      together.dispose();
      throw error;
    }
  });
}
