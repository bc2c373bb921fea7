import * as tf from '@tensorflow/tfjs-core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { take } from '../backend/take.js';
import type { NormalizationConfig } from '../config/schema.js';
import { writeAtomically } from '../files/write.js';
import { randomFrom } from '../data/random.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { pairLossAndGradients, type PairedInput } from '../model/contrastive.js';
import { familyOf } from '../model/encoders/registry.js';
import { selectLayers } from '../model/encoders/select.js';
import { areFinite, NotFinite } from '../model/finite.js';
import { loadTensors } from '../model/loadTensors.js';
import { disposeParameters, readParameters, type ParameterSlot } from '../model/parameters.js';
import { isTrained, type Trainable, type Weights } from '../model/part.js';
import { openWeights, type OpenedWeights } from '../model/weights/open.js';
import { writeSafetensors } from '../model/weights/writeSafetensors.js';
import type { Knowledge } from '../normalize/knowledge.js';
import { drawPairs } from '../normalize/pairs.js';
import { adamSlot } from '../ops/adam.js';
import { compilerHere } from '../ops/compiler.js';
import { tidy } from '../ops/tidy.js';
import { variable } from '../ops/variable.js';
import { countedOnce, optimizerStep, type OptimizerOptions } from './optimizer.js';

export interface SentenceTraining {
  /** Folder of the pretrained encoder. */
  weights: string;
  settings: NormalizationConfig['embedding']['training'];
  /** Sentences that texts are put into, one for each pair. */
  contexts: readonly string[];
  seed: number;
  /** Told after every step, with its loss. */
  onStep?: (done: number, total: number, loss: number) => void;
}

/** As BERT's authors fine-tune it (Devlin et al. 2019, A.3). */
const OPTIMIZER: OptimizerOptions = {
  ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  ...{ clipNorm: 1, headRateFactor: 1 },
};
const DROPOUT = { dropout: 0.1, attentionDropout: 0.1 };
/** Share of the pairs whose second text is a label, not an alternative. */
const LABEL_SHARE = 0.7;
/** Share of the steps over which the rate rises; then it falls to 0. */
const WARM_UP = 0.1;
/** Rows are padded to multiples of this. */
const MULTIPLE = 4;
/** Batches of one shape from which compiling it pays. */
const FREQUENT = 12;

/**
 * Trains an encoder on pairs of texts that have one code, with the other pairs of a batch as negatives, and
 * writes it as a folder of sentence-transformers: Transformer, mean pooling, Normalize. The embeddings stay
 * as they were: words that the pairs lack keep their places among the others. `folder` must not be in use.
 * The same seed gives the same weights on one engine and number of threads.
 * @throws NotFinite where the loss is no number any more: the folder is not whole then
 */
export async function trainSentenceEncoder(
  folder: string,
  knowledge: Knowledge,
  { weights: source, settings, contexts, seed, onStep }: SentenceTraining,
): Promise<void> {
  const opened = await openWeights(source);
  try {
    const { config, weights } = selectLayers(
      opened,
      settings.layers,
      'normalization.embedding.training.layers',
    );
    const { tokenizer } = opened;
    const specs = familyOf(config).parameters(config);
    const tensors = await loadTensors(weights, specs);
    const slots = new Map<string, ParameterSlot>();
    const trainable: Trainable = { embeddings: false, layers: Array<boolean>(config.layers).fill(true) };
    const compiler = compilerHere((text) => process.emitWarning(text));
    try {
      for (const spec of specs)
        if (isTrained(spec, trainable))
          slots.set(spec.name, { ...adamSlot(variable(spec.name, tensors.weights(spec.name))), spec });
      const batches = await drawBatches(knowledge, settings, contexts, tokenizer, seed);
      const counts = new Map<string, number>();
      for (const batch of batches) counts.set(shapeOf(batch), (counts.get(shapeOf(batch)) ?? 0) + 1);
      for (const [step, batch] of batches.entries()) {
        const rate = rateOf(step, batches.length, settings);
        const run = countedOnce([...slots.values()], () =>
          tidy(() => {
            const { weights: trained, values } = readParameters({ slots });
            const read: Weights = (name) => (slots.has(name) ? trained(name) : tensors.weights(name));
            const { loss, gradients } = pairLossAndGradients(config, read, upload(batch, tokenizer), {
              temperature: settings.temperature,
              trainable,
              dropout: DROPOUT,
              masks: { seed: (seed * 100_003 + step) % 0x7fffffff, drawn: 0 },
            });
            tf.dispose(values);
            optimizerStep(slots, gradients, rate, OPTIMIZER);
            return loss;
          }),
        );
        const compiled = compiler && counts.get(shapeOf(batch))! >= FREQUENT;
        const [loss] = await take(compiled ? compiler.run(shapeOf(batch), run) : run());
        if (!Number.isFinite(loss))
          throw lostNumbers(`the loss is ${loss} in step ${step + 1} of ${batches.length}`, rate);
        onStep?.(step + 1, batches.length, loss!);
      }
      const read = async (name: string) => {
        const slot = slots.get(name);
        if (!slot) return weights.read(name);
        const values = await take(slot.weight.read());
        if (!areFinite(values))
          throw lostNumbers(`${name} has values that are none after the last step`, settings.rate);
        return values;
      };
      await saveSentenceEncoder(folder, { ...opened, config }, settings.longest, read);
    } finally {
      compiler?.dispose();
      tensors.dispose();
      disposeParameters({ slots });
    }
  } finally {
    await opened.weights.close();
  }
}

function lostNumbers(what: string, rate: number): NotFinite {
  return new NotFinite(
    `The training of the sentence encoder lost its numbers (${what}, at a rate of ${rate}): lower normalization.embedding.training.rate`,
  );
}

/** The batches of all epochs: they depend on the seed alone. */
async function drawBatches(
  knowledge: Knowledge,
  { epochs, batchSize, mentionCount, longest }: SentenceTraining['settings'],
  contexts: readonly string[],
  tokenizer: Tokenizer,
  seed: number,
): Promise<PairedBatch[]> {
  const random = randomFrom(seed);
  const batches: PairedBatch[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const pairs = drawPairs(knowledge, { mentionCount, labelShare: LABEL_SHARE }, random);
    const within = (text: string) => contexts[random.int(contexts.length)]!.replace('{}', () => text);
    for (let at = 0; at + 2 <= pairs.length; at += batchSize) {
      const some = pairs.slice(at, at + batchSize);
      const texts = [...some.map(({ first }) => first), ...some.map(({ second }) => second)];
      const encoded = await tokenizer.encodeBatch(texts.map(within));
      const pieces = encoded.map(({ ids }) => ids.subarray(0, longest - 2));
      batches.push({ pieces, concepts: some.map(({ concept }) => concept), seq: paddedTo(pieces) });
    }
  }
  return batches;
}

/** Two texts of each concept: all first ones, then all second ones. */
interface PairedBatch {
  pieces: Int32Array[];
  concepts: number[];
  seq: number;
}

function shapeOf({ concepts, seq }: PairedBatch): string {
  return `${concepts.length} pairs x ${seq}`;
}

function paddedTo(pieces: Int32Array[]): number {
  const most = Math.max(...pieces.map(({ length }) => length)) + 2;
  return Math.ceil(most / MULTIPLE) * MULTIPLE;
}

/** On the engine, in the current tidy. */
function upload({ pieces, concepts, seq }: PairedBatch, { cls, sep, pad }: Tokenizer): PairedInput {
  const batch = pieces.length;
  const ids = new Int32Array(batch * seq).fill(pad);
  pieces.forEach((own, row) => ids.set([cls, ...own, sep], row * seq));
  const n = concepts.length;
  const alike = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (i !== j && concepts[i] === concepts[j]) alike[i * n + j] = 1;
  return {
    ...{ batch, seq, alike, rows: tf.tensor1d(ids, 'int32') },
    lengths: Int32Array.from(pieces, ({ length }) => length + 2),
  };
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
  const json = (file: string, value: unknown) => writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
  await json(join(folder, 'config.json'), familyOf(config).format(config));
  await tokenizer.save(folder);
  await json(join(folder, 'sentence_bert_config.json'), { max_seq_length: longest, do_lower_case: false });
  await json(join(pooling, 'config.json'), {
    word_embedding_dimension: config.hidden,
    pooling_mode_cls_token: false,
    pooling_mode_mean_tokens: true,
    pooling_mode_max_tokens: false,
  });
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    familyOf(config)
      .parameters(config)
      .map(({ name, shape }) => ({
        name,
        shape,
        dtype: 'F32',
        read: () => read(name),
      })),
  );
  const module = (type: string, idx: number, path: string) => {
    return { idx, name: String(idx), path, type: `sentence_transformers.models.${type}` };
  };
  await json(join(folder, 'modules.json'), [
    module('Transformer', 0, ''),
    module('Pooling', 1, '1_Pooling'),
    module('Normalize', 2, '2_Normalize'),
  ]);
}
