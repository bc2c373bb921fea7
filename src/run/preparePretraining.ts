import type { Config } from '../config/schema.js';
import { bucketBatches, chunksOf } from '../data/batches.js';
import { readCorpus, readTexts } from '../data/corpus.js';
import type { Window } from '../data/examples.js';
import { checkMask, maskWindows, type MaskedWindows, type MaskingOptions } from '../data/masking.js';
import { randomFrom } from '../data/random.js';
import type { Encoded, Tokenizer } from '../data/tokenizers/tokenizer.js';
import { twinPlaces } from '../data/twins.js';
import { windowsOf } from '../data/windows.js';
import { InputError, UsageError } from '../errors.js';
import type { EncoderConfig } from '../model/encoders/family.js';
import { familyOf } from '../model/encoders/registry.js';
import { selectLayers } from '../model/encoders/select.js';
import { rowsInUse, type HeldRows } from '../model/parameters.js';
import { wordTable, type ParameterSpec } from '../model/part.js';
import { encoderIdentity, weightsIdentity } from '../model/weights/identity.js';
import { maskedLmParameters, openMaskedLmWeights } from '../model/weights/maskedLm.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { epochSeed } from '../train/schedule.js';
import { stepSeed } from '../train/step.js';

/** A pretraining's texts, cut into windows, and the headers of its weights; nothing of it is on the engine. */
export interface PreparedPretraining {
  /** The model that is trained: of the layers that are taken. */
  encoder: EncoderConfig;
  tokenizer: Tokenizer;
  /** Its parameters, with those of the head, and where their values come from. */
  specs: ParameterSpec[];
  source(name: string): Promise<Float32Array>;
  /** The weights as they are in their folder, all layers. */
  whole: { config: EncoderConfig; weights: WeightFile };
  weightsIdentity: string;
  held: HeldRows;
  documents: { encoded: Encoded }[];
  texts: { training: number; heldOut: number };
  windows: { training: number; heldOut: number };
  /** Of all epochs, in order. */
  batches: { batch: number; seq: number; mask(step: number): MaskedWindows }[];
  heldOut: MaskedWindows[];
}

/** @throws InputError where there is nothing to read, UsageError for options that do not go with the weights */
export async function preparePretraining(config: Config): Promise<PreparedPretraining> {
  const { encoder: settings, data, pretraining, seed, training } = config;
  if (settings.weights === null)
    throw new UsageError('pretrain trains pretrained weights further: name their folder in encoder.weights');
  const texts = await textsOf(config);
  const opened = await openMaskedLmWeights(settings.weights, settings);
  try {
    const { tokenizer } = opened;
    checkMask(tokenizer, 'pretrain');
    const selected = selectLayers(opened, settings.layers);
    const { config: encoder } = selected;
    checkFits(config, encoder);
    const encodings = await tokenizer.encodeBatch(texts);
    const documents = encodings.map((encoded) => ({ encoded }));
    const held = piecesInUse(encodings, tokenizer, encoder);
    const masking: MaskingOptions = {
      share: pretraining.maskedShare,
      wholeWords: pretraining.wholeWords,
      positions: encoder.positions,
      pieces: ordinary(held, tokenizer),
    };
    const sides = cut(encodings, heldOut(texts, pretraining.heldOutShare, seed), data.windowPieces);
    if (sides.training.length === 0) throw new InputError(`${placeOf(config)} has no text to learn from`);
    const batchesOfEpoch = (epoch: number) =>
      bucketBatches(sides.training, training.batchSize, randomFrom(epochSeed(seed, epoch)));
    const batches = Array.from({ length: pretraining.epochs }, (_, epoch) => batchesOfEpoch(epoch)).flat();
    const mask = (windows: readonly Window[], number: number) =>
      maskWindows(windows, documents, tokenizer, masking, randomFrom(number));
    const own = new Set(
      familyOf(encoder)
        .parameters(encoder)
        .map(({ name }) => name),
    );
    const { identity } = await weightsIdentity(
      { settings: encoderIdentity(opened.config), ...opened },
      maskedLmParameters(opened.config),
    );
    return {
      encoder,
      tokenizer,
      documents,
      held,
      specs: maskedLmParameters(encoder),
      source: (name) => (own.has(name) ? selected.weights : opened.weights).read(name),
      whole: opened,
      weightsIdentity: identity,
      texts: { training: texts.length - sides.heldOutTexts, heldOut: sides.heldOutTexts },
      windows: { training: sides.training.length, heldOut: sides.heldOut.length },
      batches: batches.map((windows) => {
        const { batch, seq } = mask(windows, 0);
        return { batch, seq, mask: (step: number) => mask(windows, stepSeed(seed, step)) };
      }),
      heldOut: chunksOf(sides.heldOut, training.batchSize).map((windows, i) => mask(windows, i)),
    };
  } catch (error) {
    await opened.weights.close();
    throw error;
  }
}

/** Lets go of the files that were left open. */
export async function closePretraining({ whole }: PreparedPretraining): Promise<void> {
  await whole.weights.close();
}

async function textsOf(config: Config): Promise<string[]> {
  const { data, pretraining, tasks } = config;
  const texts: string[] = [];
  if (pretraining.texts === null) {
    const { documents } = await readCorpus(data.corpus, tasks, { ...data, norm: 'none' });
    for (const { text } of documents) texts.push(text);
  } else for await (const { text } of readTexts(pretraining.texts)) texts.push(text);
  return texts;
}

function placeOf({ data, pretraining }: Config): string {
  return pretraining.texts ?? data.corpus;
}

function checkFits({ data, pretraining, encoder: { layers } }: Config, encoder: EncoderConfig): void {
  if (data.windowPieces > encoder.positions)
    throw new UsageError(
      `data.windowPieces is ${data.windowPieces}, and the encoder has ${encoder.positions} positions: take fewer pieces`,
    );
  const missing = pretraining.frozen.find((part) => part !== 'embeddings' && part >= encoder.layers);
  if (missing !== undefined)
    throw new UsageError(
      `pretraining.frozen has layer ${missing}, and ${layers ? 'encoder.layers takes' : 'the encoder has'} ${encoder.layers}, counted from 0`,
    );
}

/**
 * The places of the texts that are held out: a share, rounded up, as far as twins stay on one side; none where all are twins.
 */
function heldOut(texts: readonly string[], share: number, seed: number): Set<number> {
  const most = Math.min(texts.length - 1, Math.ceil(share * texts.length));
  const held = new Set<number>();
  if (most <= 0) return held;
  const drawn = randomFrom(seed).shuffle(twinPlaces(texts));
  for (const twins of drawn) if (held.size + twins.length <= most) for (const place of twins) held.add(place);
  return held;
}

/** Windows side by side, each text on one of two sides. */
function cut(encodings: readonly Encoded[], held: ReadonlySet<number>, windowPieces: number) {
  const windows = (isHeld: boolean): Window[] =>
    encodings.flatMap(({ ids }, document) =>
      held.has(document) !== isHeld
        ? []
        : windowsOf(ids.length, { windowPieces, windowStride: windowPieces - 2 }).map((range) => ({
            ...range,
            document,
            positive: false,
          })),
    );
  return { training: windows(false), heldOut: windows(true), heldOutTexts: held.size };
}

function piecesInUse(encodings: readonly Encoded[], tokenizer: Tokenizer, encoder: EncoderConfig): HeldRows {
  const { pad, cls, sep, unknown, mask } = tokenizer;
  const [rows] = wordTable(familyOf(encoder).parameters(encoder)).shape as [number];
  return rowsInUse(encodings, [pad, cls, sep, unknown, mask], rows);
}

/** Pieces of text. */
function ordinary({ ids }: HeldRows, { pad, cls, sep, unknown, mask }: Tokenizer): Int32Array {
  const special = new Set([pad, cls, sep, unknown, mask]);
  return ids.filter((id) => !special.has(id));
}
