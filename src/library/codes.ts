import { embedderKinds } from '../config/choices.js';
import {
  checkChoice,
  checkList,
  checkOptions,
  checkText,
  checkWhole,
  type OptionNames,
} from '../config/given.js';
import { createContext, type Context } from '../context.js';
import { InputError, Interrupted } from '../errors.js';
import type { Mention } from '../normalize/knowledge.js';
import type { Coding } from '../normalize/normalizer.js';
import { engineOptions, type EngineOptions } from './models.js';

/** Finds codes for mentions. `close` it, or its memory stays taken. */
export interface Normalizer {
  /** All that it chooses from. */
  readonly codes: readonly string[];
  /**
   * Codes for mentions, in their order; the same for a mention whatever stands beside it.
   * @param mentions texts, with the labels of their spans where they are known
   * @param options how much to list
   * @param options.candidates how many codes to list for each; 5 by default
   * @param options.neighbours how many of the nearest known texts to tell of each way of comparing them; 0 by default
   * @throws UsageError for numbers of them that are none, once it was closed, or where another engine was started since;
   * InputError for a mention without a text; Interrupted once the context that it was opened with has stopped it
   */
  code(
    mentions: readonly Mention[],
    options?: { candidates?: number; neighbours?: number },
  ): Promise<Coding[]>;
  /** Frees its memory. */
  close(): void;
}

/** Candidates of a mention, and neighbours of each kind. */
const MOST_LISTED = 100_000;

/** How what finds codes is opened. */
export interface NormalizerOptions {
  /** Settings laid over the config, as --set of `meddoprof normalize`. */
  set?: readonly string[];
}

/**
 * Opens what finds codes in a run, or builds it from the training documents of a config's corpus. Starts the engine that the
 * config names where sentence embeddings are compared.
 * @param from a run's folder, or a config file
 * @param options settings over its config
 * @param context stops it and what it is asked for later, and is told how far that is
 * @throws InputError for a run that has none, or a config whose corpus has no codes and that names no table of them;
 * UsageError for settings that a run's was not built with
 */
export async function openNormalizer(
  from: string,
  options: NormalizerOptions = {},
  context: Context = createContext(),
): Promise<Normalizer> {
  checkText('from', from);
  checkOptions(options, { set: true });
  const { set = [] } = options;
  checkList('set', set);
  const { opened } = await import('../backend/opened.js');
  const { codeMentions } = await import('../run/evaluateCodes.js');
  const { openSource } = await import('../run/normalize.js');
  const { config, normalizer } = await openSource({ from, set: [...set] }, context);
  const isOnEngine = config.normalization.embedding.weight > 0;
  const { use, close } = opened('normalizer', () => normalizer.dispose(), isOnEngine);
  return {
    codes: normalizer.knowledge.concepts.map(({ code }) => code),
    async code(mentions, listed = {}) {
      checkOptions(listed, { candidates: true, neighbours: true });
      const { candidates = 5, neighbours = 0 } = listed;
      checkWhole('candidates', candidates, 1, MOST_LISTED);
      checkWhole('neighbours', neighbours, 0, MOST_LISTED);
      checkList('mentions', mentions);
      const wrong = mentions.findIndex((mention) => typeof mention?.text !== 'string');
      if (wrong >= 0) throw new InputError(`mention ${wrong} has no text: each is { text, label? }`);
      return use(() => codeMentions(normalizer, mentions, { candidates, neighbours }, context));
    },
    close,
  };
}

/** How a sentence encoder is opened. */
export interface EmbedderOptions extends EngineOptions {
  /**
   * sentenceTransformers (the default): a folder of that library. pooledEncoder: any encoder, averaged over pieces and
   * layers. universalSentenceEncoder: the lite one of TensorFlow.js, English.
   */
  kind?: 'sentenceTransformers' | 'pooledEncoder' | 'universalSentenceEncoder';
  /** What goes before every sentence. */
  prefix?: string;
  /** Of pooledEncoder: the layers whose outputs are averaged, 0 for the embeddings; the first and the last by default. */
  layers?: number[];
  /** Pieces that are computed together, padding included. */
  batchPieces?: number;
  /** A folder that keeps vectors for the next time; by default none are kept. */
  cache?: string;
}

const embedderOptions: OptionNames<EmbedderOptions> = {
  ...engineOptions,
  kind: true,
  prefix: true,
  layers: true,
  batchPieces: true,
  cache: true,
};

/** Turns sentences into vectors that are alike where they mean alike. `close` it, or its memory stays taken. */
export interface Embedder {
  /** What tells its vectors from those of others: kind, weights and settings. */
  readonly name: string;
  /** Length of a vector. */
  readonly dimension: number;
  /**
   * Vectors [sentences, dimension], row by row, in the order given; the same for a sentence whatever stands beside it.
   * @param sentences longer ones than the encoder takes are cut
   * @throws UsageError once it was closed, or where another engine was started since; Interrupted once the context that it
   * was opened with has stopped it
   */
  embed(sentences: readonly string[]): Promise<Float32Array>;
  /** Frees its memory. */
  close(): void;
}

/**
 * Opens a sentence encoder, on the engine that is asked for.
 * @param weights its folder
 * @param options its kind, and what computes
 * @param context stops it and what it is asked for later, and is told how far that is, and which engine was taken in place of
 * a faster one
 * @throws InputError naming the file that is missing or does not fit, or for an engine, device or precision that is not there;
 * UsageError for an option that is wrong
 */
export async function openEmbedder(
  weights: string,
  options: EmbedderOptions = {},
  context: Context = createContext(),
): Promise<Embedder> {
  checkOptions(options, embedderOptions);
  const { opened } = await import('../backend/opened.js');
  const { startEngine } = await import('../backend/engine.js');
  const { inPrecision } = await import('../backend/precision.js');
  const embedders = await import('../normalize/embedders/open.js');
  const { EMBEDDING } = await import('../normalize/embeddingSpace.js');
  if (context.signal.aborted) throw new Interrupted('Stopped before the embedder was opened');
  const { kind = 'sentenceTransformers', cache, engine, device, precision, ...settings } = options;
  checkChoice('kind', kind, embedderKinds);
  if (settings.batchPieces !== undefined) checkWhole('batchPieces', settings.batchPieces, 1);
  const source = await embedders.sourceOf({ kind, weights, cache: null, ...settings }); // first: others may be on an engine
  await startEngine({ engine: engine ?? 'auto', device: device ?? 'auto', precision }, context);
  const { name, dimension, embed, dispose } = await inPrecision(precision ?? 'float32', () =>
    embedders.openEmbedderOf(source, cache ?? null, context),
  );
  const { use, close } = opened('embedder', dispose);
  return {
    name,
    dimension,
    close,
    embed: (sentences) =>
      use(() => embed(sentences, { reached: context.phase(EMBEDDING, sentences.length) })),
  };
}
