import * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';
import { startEngine } from '../backend/engine.js';
import { inWay } from '../backend/precision.js';
import { take } from '../backend/take.js';
import type { Document } from '../data/document.js';
import { prepareExamples, trainingWindows, type Example, type Window } from '../data/examples.js';
import { spanPieces } from '../data/spanPieces.js';
import { scoredNames } from '../data/split.js';
import { byLength, scoredOf } from '../data/windows.js';
import { InputError, UsageError } from '../errors.js';
import { estimateGate, gateThreshold, type GatedDocument } from '../eval/gate.js';
import { dealt } from '../eval/parts.js';
import { uniqueSpans } from '../eval/spans.js';
import { writeOutput } from '../files/write.js';
import type { StoredGate } from '../formats/gate.js';
import type { GateWeights } from '../model/gate.js';
import { gateFile, readWindows } from '../predict/gate.js';
import { decodingBy } from '../predict/ensemble.js';
import { openPredictor, type OpenedPredictor } from '../predict/open.js';
import { readFinishedRun, type FinishedRun } from '../runFolder/finished.js';
import { readGold } from '../runFolder/gold.js';
import { lockRun } from '../runFolder/lock.js';
import { runPaths } from '../runFolder/paths.js';
import { trainGate } from './trainGate.js';

export interface GateOptions {
  /** The layer whose outputs it reads. */
  layer: number;
  /** The recall that no task may lose more of. */
  loss: number;
  /** Settings of --set: where the corpus is now, what computes. */
  set?: string[];
}

const ESTIMATE = { parts: 10, seed: 1 };

/** Phases of its work. */
const LEARNING = 'windows that the gate learns by';
const MEASURING = 'windows that its threshold is set by';

/**
 * Makes the gate of a run's best checkpoint, and writes it beside its weights: it learns on the training documents; its threshold is
 * set on those that the run is scored on, by what the run found there.
 * @throws UsageError for a layer that the encoder has not, or that is its last, and for a model that reads all layers;
 * InputError as `readFinishedRun` and `readGold`, and for too few documents
 */
export async function makeGate(
  folder: string,
  { layer, loss, set = [] }: GateOptions,
  context: Context,
): Promise<StoredGate> {
  const run = await readFinishedRun(folder, { set });
  const { config, split } = run;
  const paths = runPaths(folder);
  const scored = new Set(scoredNames(split));
  if (scored.size < ESTIMATE.parts)
    throw new InputError(
      `${folder}: only ${scored.size} documents are held out, and a gate needs ${ESTIMATE.parts} at least to set its threshold by; hold out more (data.validationShare, data.folds)`,
    );
  const { documents } = await readGold(run, [...split.training, ...scored]);
  const unlock = await lockRun(paths.lock);
  try {
    await startEngine(config.backend, context);
    return await inWay(config.backend, async () => {
      const opened = await openPredictor(paths.best, {}, context);
      try {
        checkLayer(folder, opened, layer);
        const parts = [false, true].map((held) => documents.filter(({ name }) => scored.has(name) === held));
        const [training, held] = parts as [Document[], Document[]];
        const gate = await learnGate(opened, { run, training, held }, { layer, loss }, context);
        await writeOutput(gateFile(paths.best), `${JSON.stringify(gate)}\n`);
        return gate;
      } finally {
        opened.dispose();
      }
    });
  } finally {
    unlock();
  }
}

interface Learned {
  run: FinishedRun;
  training: readonly Document[];
  held: readonly Document[];
}

async function learnGate(
  predictor: OpenedPredictor,
  { run, training, held }: Learned,
  { layer, loss }: { layer: number; loss: number },
  context: Context,
): Promise<StoredGate> {
  const { head } = predictor.model;
  const examples = await prepareExamples(training, predictor.tokenizer, head);
  const windows = trainingWindows(examples, predictor.windows, head);
  const learned = context.phase(LEARNING, windows.length);
  const weights = await trainGate(predictor, layer, { examples, windows }, run.config.seed, learned);
  try {
    const [decoding] = decodingBy([predictor], predictor.decoding);
    const gated = await scoreDocuments(decoding!, { layer, weights }, { run, documents: held }, context);
    const { parts, seed } = ESTIMATE;
    const threshold = gateThreshold(gated, loss);
    if (threshold === undefined)
      throw new InputError(
        `${run.folder} finds nothing that is right in the documents that it is scored on: there is nothing that a threshold could be set by`,
      );
    return {
      format: 1,
      layer,
      ...(await valuesOf(weights)),
      threshold,
      loss,
      documents: gated.length,
      estimate: { ...ESTIMATE, ...estimateGate(gated, { loss, parts, partOf: dealt(held, parts, seed) }) },
    };
  } finally {
    tf.dispose({ ...weights });
  }
}

function checkLayer(folder: string, { model: { encoder, mix } }: OpenedPredictor, layer: number): void {
  if (mix)
    throw new UsageError(
      `${folder} mixes the outputs of all layers (model.layerMix), which are not there where only the upper ones are computed: it can have no gate`,
    );
  if (layer >= encoder.layers)
    throw new UsageError(
      `--layer ${layer}: the encoder of ${folder} has ${encoder.layers} layers, and a gate must read one below the last`,
    );
}

/** What the gate says of documents, and of what the run has found in them. */
async function scoreDocuments(
  predictor: OpenedPredictor,
  gate: { layer: number; weights: GateWeights },
  { run, documents }: { run: FinishedRun; documents: readonly Document[] },
  context: Context,
): Promise<GatedDocument[]> {
  const examples = await prepareExamples(documents, predictor.tokenizer, predictor.model.head);
  const windows = trainingWindows(examples, predictor.windows, predictor.model.head);
  const reached = context.phase(MEASURING, windows.length);
  const scoreOf = new Map<Window, number>();
  for await (const { batch, scores, hidden } of readWindows(predictor, gate, byLength(windows), examples)) {
    hidden.dispose();
    batch.windows.forEach((window, row) => scoreOf.set(window, scores[row]!));
    await reached(scoreOf.size);
  }
  return examples.map((example, document) =>
    gatedDocument(
      documents[document]!,
      example,
      windows.filter((window) => window.document === document),
      scoreOf,
      run,
    ),
  );
}

function gatedDocument(
  { name, spans }: Document,
  { encoded }: Example,
  windows: readonly Window[],
  scoreOf: ReadonlyMap<Window, number>,
  { config, predictions }: FinishedRun,
): GatedDocument {
  const best = new Float64Array(encoded.ids.length).fill(-Infinity); // of the windows that each piece is scored in
  for (const window of windows) {
    const { start, end } = scoredOf(window);
    for (let piece = start; piece < end; piece++) best[piece] = Math.max(best[piece]!, scoreOf.get(window)!);
  }
  const tasks: GatedDocument['tasks'] = {};
  for (const [task, { labels }] of Object.entries(config.tasks)) {
    const gold = uniqueSpans(spans[task]!, labels);
    const found = uniqueSpans(predictions.spans[task]!.get(name) ?? [], labels);
    tasks[task] = {
      gold: gold.size,
      spans: [...found].map(([key, span]) => ({
        right: gold.has(key),
        score: Math.min(...spanPieces(encoded, span).map((piece) => best[piece]!)),
      })),
    };
  }
  return { windows: windows.map((window) => scoreOf.get(window)!), tasks };
}

async function valuesOf({ inner, innerBias, outer, outerBias }: GateWeights) {
  const [i, iBias, o, oBias] = await Promise.all([inner, innerBias, outer, outerBias].map(take));
  return { inner: [...i!], innerBias: [...iBias!], outer: [...o!], outerBias: oBias![0]! };
}
