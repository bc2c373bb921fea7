import * as tf from '@tensorflow/tfjs-core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { take } from '../backend/take.js';
import type { NormalizationConfig } from '../config/sections/normalization.js';
import type { Context } from '../context.js';
import { frequent } from '../data/batches.js';
import { writeJson } from '../files/json.js';
import { recoverFolder, replaceFolder } from '../files/replace.js';
import { writeAtomically } from '../files/write.js';
import { readStored } from '../formats/stored.js';
import { pairingFormat, type PairingState } from '../formats/training.js';
import { pairLossAndGradients } from '../model/contrastive.js';
import { familyOf } from '../model/encoders/registry.js';
import { selectLayers } from '../model/encoders/select.js';
import { areFinite, NotFinite } from '../model/finite.js';
import { saveWeights } from '../model/folder.js';
import { loadTensors } from '../model/loadTensors.js';
import { disposeParameters, handlesOf, readParameters, type ParameterSlot } from '../model/parameters.js';
import { isTrained, type Trainable, type Weights } from '../model/part.js';
import { openWeights, type OpenedWeights } from '../model/weights/open.js';
import { openSafetensors } from '../model/weights/safetensors.js';
import type { Knowledge } from '../normalize/knowledge.js';
import { adamSlot } from '../ops/adam.js';
import { compilerHere } from '../ops/compiler.js';
import { eagerly, type Fed } from '../compile/compile.js';
import { onEngine } from '../model/inputs.js';
import { variable } from '../ops/variable.js';
import { nextUpdates, optimizerStep, updateKey, type OptimizerOptions } from './optimizer.js';
import { stepSeed } from './step.js';
import { drawBatches, pairInputs, shapeOf } from './sentenceBatches.js';
import { restoreState, saveState, updatesOf, type Checked, type PartsOf } from './optimizerState.js';

export interface SentenceTraining {
  /** Folder of the pretrained encoder. */
  weights: string;
  settings: NormalizationConfig['embedding']['training'];
  /** Sentences that texts are put into, one for each pair. */
  contexts: readonly string[];
  seed: number;
  /** Where the training is kept while it goes on, and gone on from where it was stopped. */
  checkpoint: string;
}

/** The phase of this training. */
export const PAIRING = 'steps of the sentence encoder';

/** As BERT's authors fine-tune it (Devlin et al. 2019, A.3). */
const OPTIMIZER: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
  headRateFactor: 1,
  layerRateFactor: 1,
};
const DROPOUT = { dropout: 0.1, attentionDropout: 0.1 };
/** Share of the steps over which the rate rises; then it falls to 0. */
const WARM_UP = 0.1;
/** Milliseconds after which the training is kept once more. */
const KEEP_EVERY = 60_000;
/** Batches of one shape from which compiling it pays. */
const WORTH_COMPILING = 12;

const STATE = 'state.json';
const TENSORS = 'training.safetensors';
const TRAINED: PartsOf = () => ['weight', 'first', 'second'];

/**
 * Trains an encoder on pairs of texts that have one code, with the other pairs of a batch as negatives, and
 * writes it as a folder of sentence-transformers: Transformer, mean pooling, Normalize. The embeddings stay
 * as they were: words that the pairs lack keep their places among the others. `folder` must not be in use.
 * The same seed gives the same weights on one engine and number of threads. Returns the losses of the steps done now.
 * @throws NotFinite where the loss is no number any more: the folder is not whole then
 */
export async function trainSentenceEncoder(
  folder: string,
  knowledge: Knowledge,
  { weights: source, settings, contexts, seed, checkpoint }: SentenceTraining,
  context: Context,
): Promise<number[]> {
  const opened = await openWeights(source);
  try {
    const { config, weights } = selectLayers(
      opened,
      settings.layers,
      'normalization.embedding.training.layers',
    );
    const { tokenizer } = opened;
    const { positions } = config;
    const specs = familyOf(config).parameters(config);
    const tensors = await loadTensors(weights, specs);
    const slots = new Map<string, ParameterSlot>();
    const trainable: Trainable = { embeddings: false, layers: Array<boolean>(config.layers).fill(true) };
    const compiler = compilerHere(context);
    try {
      for (const spec of specs)
        if (isTrained(spec, trainable))
          slots.set(spec.name, { ...adamSlot(variable(spec.name, tensors.weights(spec.name))), spec });
      const batches = await drawBatches(knowledge, { ...settings, positions }, contexts, tokenizer, seed);
      const isFrequent = frequent(batches, shapeOf, WORTH_COMPILING);
      const from = await restoreTraining(checkpoint, slots);
      const reached = context.phase(PAIRING, batches.length);
      const checked: Checked = async (name, values) => {
        if (areFinite(await values)) return values;
        throw lostNumbers(`${name} has values that are none`, settings.rate);
      };
      const losses: number[] = [];
      let kept = Date.now();
      for (const [step, batch] of batches.entries()) {
        if (step < from) continue;
        const rate = rateOf(step, batches.length, settings);
        const compiled = compiler && isFrequent(batch);
        const masksSeed = stepSeed(seed, step);
        const updates = nextUpdates(slots, [...slots.keys()], rate, OPTIMIZER);
        const inputs = {
          ...pairInputs(batch, tokenizer),
          seed: compiled ? { values: Int32Array.of(masksSeed), shape: [] } : undefined,
          updates: updates.numbers,
          variables: handlesOf(slots.values()),
          tensors: tensors.tensors,
        };
        const work = (fed: Fed<typeof inputs>) => {
          const { weights: trained, values } = readParameters({ slots });
          const read: Weights = (name) => (slots.has(name) ? trained(name) : tensors.weights(name));
          const input = { ...onEngine(fed), alike: fed.alike, batch: batch.pieces.length, seq: batch.seq };
          const { loss, gradients } = pairLossAndGradients(config, read, input, {
            temperature: settings.temperature,
            trainable,
            dropout: DROPOUT,
            masks: { seed: fed.seed ?? masksSeed, drawn: 0 },
          });
          tf.dispose(values);
          optimizerStep(slots, gradients, { ...updates, numbers: fed.updates }, OPTIMIZER);
          return loss;
        };
        const key = `${shapeOf(batch)} ${updateKey(updates, OPTIMIZER)}`;
        const [loss] = await take(compiled ? compiler.step(key, inputs, work) : eagerly(inputs, work));
        if (!Number.isFinite(loss))
          throw lostNumbers(`the loss is ${loss} in step ${step + 1} of ${batches.length}`, rate);
        losses.push(loss!);
        const keep = () => saveTraining(checkpoint, slots, step + 1, checked);
        if (Date.now() - kept > KEEP_EVERY) await keep().then(() => (kept = Date.now()));
        if (step + 1 < batches.length) await reached(step + 1, keep); // the last one is kept as the encoder itself
      }
      const read = (name: string) => {
        const slot = slots.get(name);
        return slot ? checked(name, take(slot.weight.read())) : weights.read(name);
      };
      await saveSentenceEncoder(folder, { ...opened, config }, Math.min(settings.longest, positions), read);
      return losses;
    } finally {
      compiler?.dispose();
      tensors.dispose();
      disposeParameters({ slots });
    }
  } finally {
    await opened.weights.close();
  }
}

/** How many steps a stopped training had done, all of which is brought back; 0 where there is none. */
async function restoreTraining(folder: string, slots: Map<string, ParameterSlot>): Promise<number> {
  if (!(await recoverFolder(folder))) return 0;
  const state = await readStored(join(folder, STATE), pairingFormat);
  const file = await openSafetensors(join(folder, TENSORS));
  try {
    await restoreState(file, slots, TRAINED, state.updates);
  } finally {
    await file.close();
  }
  return state.steps;
}

async function saveTraining(
  folder: string,
  slots: ReadonlyMap<string, ParameterSlot>,
  steps: number,
  checked: Checked,
): Promise<void> {
  await replaceFolder(folder, async (fresh) => {
    await saveState(join(fresh, TENSORS), slots, TRAINED, checked);
    const state: PairingState = { format: 1, steps, updates: updatesOf(slots) };
    await writeAtomically(join(fresh, STATE), `${JSON.stringify(state)}\n`);
  });
}

function lostNumbers(what: string, rate: number): NotFinite {
  return new NotFinite(
    `The training of the sentence encoder lost its numbers (${what}, at a rate of ${rate}): lower normalization.embedding.training.rate`,
  );
}

function rateOf(step: number, steps: number, { rate }: SentenceTraining['settings']): number {
  const warmUp = Math.max(1, WARM_UP * steps);
  return rate * Math.min((step + 1) / warmUp, (steps - step) / Math.max(1, steps - warmUp), 1);
}

/** Writes modules.json last: a folder with it is whole. */
async function saveSentenceEncoder(
  folder: string,
  { config, tokenizer }: Omit<OpenedWeights, 'weights'>,
  longest: number,
  read: (name: string) => Promise<Float32Array>,
): Promise<void> {
  const pooling = join(folder, '1_Pooling');
  await mkdir(pooling, { recursive: true });
  const parameters = familyOf(config).parameters(config);
  await saveWeights(folder, { encoder: config, tokenizer, parameters }, read);
  await writeJson(join(folder, 'sentence_bert_config.json'), {
    max_seq_length: longest,
    do_lower_case: false,
  });
  await writeJson(join(pooling, 'config.json'), {
    word_embedding_dimension: config.hidden,
    pooling_mode_cls_token: false,
    pooling_mode_mean_tokens: true,
    pooling_mode_max_tokens: false,
  });
  const module = (type: string, idx: number, path: string) => {
    return { idx, name: String(idx), path, type: `sentence_transformers.models.${type}` };
  };
  await writeJson(join(folder, 'modules.json'), [
    module('Transformer', 0, ''),
    module('Pooling', 1, '1_Pooling'),
    module('Normalize', 2, '2_Normalize'),
  ]);
}
