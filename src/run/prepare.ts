import type { Config } from '../config/schema.js';
import { expandSchedule } from '../config/schedule.js';
import { readCorpus, type Corpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { prepareExamples, type Example, trainingWindows, type Window } from '../data/examples.js';
import { checkMask } from '../data/masking.js';
import { configuredSplit, scoredNames, twinsOfTraining } from '../data/split.js';
import type { Split } from '../formats/split.js';
import { openTokenizerFile } from '../data/tokenizers/open.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { trainVocabulary } from '../data/tokenizers/vocabulary.js';
import { wordPieceTokenizer } from '../data/tokenizers/wordPiece.js';
import { InputError, UsageError } from '../errors.js';
import { distilbertOf } from '../model/encoders/distilbert.js';
import type { EncoderConfig } from '../model/encoders/family.js';
import { selectLayers } from '../model/encoders/select.js';
import { assemble, type Model } from '../model/model.js';
import { heldRows, rowsInUse, type HeldRows } from '../model/parameters.js';
import { openWeights } from '../model/weights/open.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { noticesOfWarmUp } from '../train/schedule.js';
import { givenExamples, type GivenExamples } from './augmentCorpus.js';
import { checkMemory } from './memory.js';
import { checkNormalizer } from './normalizer.js';
import { findTeachers, noticesOfTeachers, type Teacher } from './teachers.js';

/** A run's data, read and cut into windows; nothing of it is on the engine. */
export interface PreparedData {
  corpus: Corpus;
  split: Split;
  tokenizer: Tokenizer;
  model: Model;
  training: Example[];
  validation: Example[];
  /** What is scored when training has ended. */
  scored: Document[];
  /** Of `augmentation.corpus`; they are among `training`. */
  given?: GivenExamples;
  /** Of `training.teacher`. */
  teachers: Teacher[];
  windows: Window[];
  held: HeldRows;
  /** The encoder's pretrained weights; undefined where it starts at random. Close it when done. */
  pretrained?: WeightFile;
}

const POSITIONS = 512;

/** Reads what a config names: corpus, split, given examples, vocabulary, the header of the weights, what codes will need. */
export async function prepareData(config: Config): Promise<PreparedData> {
  await checkNormalizer(config);
  const corpus = await readCorpus(config.data.corpus, config.tasks, config.data);
  const split = await configuredSplit(corpus.documents, config);
  const teachers = await findTeachers(config, corpus, split);
  const trainingDocuments = documentsOf(corpus.documents, split.training);
  const validationDocuments = documentsOf(corpus.documents, split.validation);
  const source = config.encoder.weights
    ? await pretrainedEncoder(config)
    : randomEncoder(config, trainingDocuments);
  const start = await source;
  try {
    const scored = documentsOf(corpus.documents, scoredNames(split));
    const given = await givenExamples(config, { corpus, split });
    const training = [...trainingDocuments, ...(given?.documents ?? [])];
    checkSpans(training, corpus, config);
    const examples = await tokenize(config, start, training, validationDocuments);
    return { corpus, split, scored, given, teachers, ...examples };
  } catch (error) {
    await start.pretrained?.close();
    throw error;
  }
}

async function tokenize(
  config: Config,
  { tokenizer, encoder, pretrained }: EncoderStart,
  trainingDocuments: Document[],
  validationDocuments: Document[],
): Promise<Omit<PreparedData, 'corpus' | 'split' | 'scored' | 'given' | 'teachers'>> {
  if (config.data.windowPieces > encoder.positions)
    throw new UsageError(
      `data.windowPieces is ${config.data.windowPieces}, and the encoder has ${encoder.positions} positions: take fewer pieces`,
    );
  checkFrozen(config, encoder.layers);
  if (config.training.maskedShare > 0) checkMask(tokenizer, 'training.maskedShare');
  const model = assemble(encoder, config.tasks, config.model);
  const [training, validation] = await Promise.all(
    [trainingDocuments, validationDocuments].map((documents) =>
      prepareExamples(documents, tokenizer, model.head),
    ),
  );
  const held = pretrained
    ? usedRows([...training!, ...validation!], tokenizer, model, config)
    : allRows(encoder);
  checkMemory(model, held.ids.length, config.training);
  return {
    tokenizer,
    model,
    training: training!,
    validation: validation!,
    windows: trainingWindows(training!, config.data, model.head),
    held,
    pretrained,
  };
}

/** The same with more documents to train on, after the others. */
export async function withDocuments(
  data: PreparedData,
  documents: readonly Document[],
  config: Config,
): Promise<PreparedData> {
  if (documents.length === 0) return data;
  const added = await prepareExamples(documents, data.tokenizer, data.model.head);
  const training = [...data.training, ...added];
  return {
    ...data,
    training,
    windows: trainingWindows(training, config.data, data.model.head),
    held: data.pretrained
      ? usedRows([...training, ...data.validation], data.tokenizer, data.model, config)
      : data.held,
  };
}

/** What of the data keeps a training from doing all that it could, in sentences. */
export function noticesOf(
  { corpus, model, training, windows, validation, scored, teachers, split }: PreparedData,
  { tasks, data: { folds }, training: options }: Pick<Config, 'tasks' | 'data' | 'training'>,
): string[] {
  const twins = folds === null ? twinsOfTraining(corpus.documents, split) : [];
  return [
    ...noticesOfLabels(training, tasks),
    ...noticesOfWarmUp(windows, options),
    ...(model.head.notices?.(training) ?? []),
    ...(twins.length === 0 ? [] : [noticeOfTwins(twins, split)]),
    ...noticesOfTeachers(teachers, split),
    ...(validation.length > 0
      ? []
      : [
          'No document validates: no epoch can be told to be the best, so the checkpoint of the last one is kept as it, and training never stops early.',
        ]),
    ...(scored.length > 0
      ? []
      : ['No document is held out: there are no scores, no predictions and no report, only the model.']),
  ];
}

function checkSpans(training: readonly Document[], { folder, faults }: Corpus, { tasks }: Config): void {
  if (training.some(({ spans }) => Object.values(spans).some(({ length }) => length > 0))) return;
  const labels = Object.values(tasks).flatMap((task) => task.labels);
  const unlisted = faults.filter(({ kind }) => kind === 'label').map(({ message }) => ` ${message}`);
  throw new InputError(
    `${folder}: no training document has a span with a label of a task (${labels.join(', ')}): there is nothing to learn.${unlisted.join('')}`,
  );
}

/** Labels of which nothing can be learned. */
function noticesOfLabels(training: readonly Example[], tasks: Config['tasks']): string[] {
  return Object.entries(tasks).flatMap(([task, { labels }]) => {
    const there = new Set(training.flatMap(({ spans }) => spans[task]!.map(({ label }) => label)));
    const lacking = labels.filter((label) => !there.has(label));
    if (lacking.length === 0) return [];
    return [`No training document has a span of ${lacking.join(', ')} (${task}): the model will find none.`];
  });
}

function noticeOfTwins(twins: readonly string[], { validation, test = [] }: Split): string {
  const shown = twins.slice(0, 3).join(', ') + (twins.length > 3 ? ', …' : '');
  return `Held-out documents with nearly the text of one that is trained on: ${twins.length} of ${validation.length + test.length} (${shown}). The scores may be too good. data.folds keeps such documents on one side, and so can a split file (data.split).`;
}

function checkFrozen({ training }: Config, layers: number): void {
  for (const { frozen } of expandSchedule(training)) {
    const missing = frozen !== 'encoder' && frozen.find((part) => part !== 'embeddings' && part >= layers);
    if (missing)
      throw new UsageError(
        `training: an epoch freezes layer ${missing}, and the encoder has layers 0 to ${layers - 1}`,
      );
  }
}

interface EncoderStart {
  tokenizer: Tokenizer;
  encoder: EncoderConfig;
  pretrained?: WeightFile;
}

async function pretrainedEncoder({ encoder }: Config): Promise<EncoderStart> {
  const opened = await openWeights(encoder.weights!, encoder);
  try {
    const selected = selectLayers(opened, encoder.layers);
    return { tokenizer: opened.tokenizer, encoder: selected.config, pretrained: selected.weights };
  } catch (error) {
    await opened.weights.close();
    throw error;
  }
}

async function randomEncoder({ encoder, data }: Config, training: Document[]): Promise<EncoderStart> {
  const lowercase = encoder.lowercase ?? false;
  const { hidden, layers, heads: attentionHeads, intermediate, vocabularySize } = encoder.random;
  const texts = training.map((document) => document.text);
  const tokenizer = encoder.vocabulary
    ? await openTokenizerFile(encoder.vocabulary, encoder)
    : wordPieceTokenizer(trainVocabulary(texts, vocabularySize, { lowercase }), { lowercase });
  return {
    tokenizer,
    encoder: distilbertOf({
      hidden,
      layers,
      attentionHeads,
      intermediate,
      vocabularySize: tokenizer.size,
      positions: Math.max(POSITIONS, data.windowPieces),
    }),
  };
}

function documentsOf(documents: Document[], names: string[]): Document[] {
  const own = new Set(names);
  return documents.filter(({ name }) => own.has(name));
}

function usedRows(
  examples: Example[],
  { pad, cls, sep, unknown, mask }: Tokenizer,
  { encoder: { vocabularySize } }: Model,
  { training }: Config,
): HeldRows {
  const special = [pad, cls, sep, unknown, ...(training.maskedShare > 0 ? [mask] : [])];
  const encodings = examples.map(({ encoded }) => encoded);
  return rowsInUse(encodings, special, vocabularySize);
}

function allRows({ vocabularySize }: EncoderConfig): HeldRows {
  return heldRows(Array(vocabularySize).keys(), vocabularySize);
}

/** Lets go of the files that `prepareData` left open. */
export async function closePrepared({ pretrained }: PreparedData): Promise<void> {
  await pretrained?.close();
}
