import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';

/** Share of something: 0 to 1. */
const share = z.number().min(0).max(1);
/** The same where all of it makes no sense: dropout of everything, a moment that never moves. */
const partialShare = z.number().min(0).lt(1);
const path = z
  .string()
  .min(1)
  .regex(/^[^\0]*$/, 'no path has a NUL character in it');
// Every whole number has a ceiling that no honest use meets: what cannot end is told before anything is made.
const layerNumber = z.int().min(0).max(1000);
const MOST_WINDOWS = 65_536; // of a batch, and batches of a step
const MOST_EPOCHS = 1000;
const MOST_STEPS = 1_000_000_000;
const label = z.string().regex(/^[^\s;]+$/, 'a label has no spaces and no semicolons');

export const taskSchema = z.strictObject({
  folder: path.describe('folder of the corpus that holds the .txt and .ann files of this task'),
  labels: z
    .array(label)
    .min(1)
    .describe('the labels that are learned and scored; others in the files are ignored'),
});

export const dataSchema = z.strictObject({
  corpus: path.describe('folder of the brat corpus, with one folder per task'),
  norm: path
    .nullable()
    .default(null)
    .describe(
      'table of codes (filename, text, span, code); null: the only .tsv file in the corpus folder, if there is one; none: no table, whatever is there',
    ),
  codes: path
    .nullable()
    .default(null)
    .describe('table of the valid codes (code, label, alternative_label); null: every code is valid'),
  split: path.nullable().default(null).describe('a split.json to reuse; null: draw one by splitSeed'),
  splitSeed: z
    .int()
    .min(0)
    .max(0x7fffffff)
    .nullable()
    .default(null)
    .describe('seed of the split, so that runs with several seeds hold out the same documents; null: `seed`'),
  validationShare: partialShare
    .default(0.1)
    .describe(
      'share of the documents that is held out for validation; 0: all train, so that the last epoch is taken instead of the best, and nothing stops early',
    ),
  folds: z
    .int()
    .min(2)
    .max(100)
    .nullable()
    .default(null)
    .describe(
      'deal the documents out to so many folds, for cross-validation; one is held out and scored, and validationShare is of the others; null: none',
    ),
  fold: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe('which of the folds is held out, from 1; `folds` of an experiment file goes through all'),
  windowPieces: z
    .int()
    .min(8)
    .max(512)
    .default(128)
    .describe('longest window in pieces, [CLS] and [SEP] included'),
  windowStride: z
    .int()
    .min(1)
    .max(512)
    .default(96)
    .describe("pieces from one window's start to the next; less than windowPieces - 2 makes them overlap"),
});

export const encoderSchema = z.strictObject({
  weights: path
    .nullable()
    .default(null)
    .describe(
      'folder with config.json, model.safetensors and the tokenizer (Hugging Face), or with bert_config.json, vocab.txt and a TensorFlow checkpoint (Google); null: random weights of the shape given under `random`',
    ),
  vocabulary: path
    .nullable()
    .default(null)
    .describe(
      'vocab.txt or tokenizer.json; null: that of the weights folder, or a WordPiece vocabulary made from the training texts where the weights are random',
    ),
  layers: z
    .array(layerNumber)
    .min(1)
    .nullable()
    .default(null)
    .describe("which of the weights' layers to take, in order; null: all"),
  lowercase: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'lower-case and strip accents before tokenizing with a vocab.txt; null: as tokenizer_config.json says, else no',
    ),
  dropout: partialShare
    .default(0.1)
    .describe('dropout after the embeddings, the attention and the feed-forward blocks'),
  attentionDropout: partialShare.default(0.1).describe('dropout of the attention weights'),
  random: z
    .strictObject({
      hidden: z.int().min(2).max(16_384).default(64).describe('width of the hidden states'),
      layers: z.int().min(1).max(1000).default(2).describe('number of layers'),
      heads: z.int().min(1).max(1024).default(4).describe('attention heads; they divide `hidden`'),
      intermediate: z.int().min(1).max(131_072).default(128).describe('width of the feed-forward blocks'),
      vocabularySize: z
        .int()
        .min(50)
        .max(1_000_000)
        .default(2000)
        .describe('most pieces of a vocabulary made from the training texts'),
    })
    .prefault({})
    .describe('shape of a randomly initialised DistilBERT, used where `weights` is null'),
});

export const modelSchema = z.strictObject({
  head: z
    .enum(['sigmoid', 'crf', 'spans'])
    .default('sigmoid')
    .describe(
      'what makes spans: sigmoid: a probability for every word and tag, as in the published system; crf: the best path of tags through the whole document, one for each word (a conditional random field), to which thresholds, pooling and overlap of `decoding` do not apply; spans: a score for every pair of first and last word, so that spans may be nested or side by side',
    ),
  trunk: z
    .enum(['bilstm', 'none'])
    .default('bilstm')
    .describe('what stands between the encoder and the head'),
  scheme: z
    .enum(['IO', 'BIO', 'BIOU'])
    .default('IO')
    .describe(
      'how spans become word labels: inside; begin, inside; begin, inside, unit; the head spans ignores it',
    ),
  outputs: z
    .enum(['perTask', 'joint'])
    .default('perTask')
    .describe("perTask: one output per task; joint: one over the cross product of the tasks' labels"),
  lstmUnits: z.int().min(1).max(16_384).default(256).describe('units of the BiLSTM, per direction'),
  dropout: partialShare.default(0.1).describe('dropout before and after the trunk'),
  spans: z
    .strictObject({
      longest: z
        .int()
        .min(1)
        .max(512)
        .default(16)
        .describe(
          "most words of a span; longer ones are neither learned nor found; MEDDOPROF's longest have 11",
        ),
      size: z
        .int()
        .min(2)
        .max(4096)
        .multipleOf(2)
        .default(64)
        .describe("width of what a span's first and last word are compared by"),
      agree: z
        .boolean()
        .default(false)
        .describe(
          'true: a span that one task finds gets a label of every task, and of spans that overlap the tasks keep the one for which their probabilities add up to the most; decoding.overlap then has no effect',
        ),
    })
    .prefault({})
    .describe('of the head spans; decoding.pooling has no effect on it'),
});

const frozen = z
  .union([z.literal('encoder'), z.array(z.union([z.literal('embeddings'), layerNumber]))])
  .describe('what is not trained: encoder (all of it), or a list of `embeddings` and layer numbers');

export const epochSchema = z.strictObject({
  windows: z.enum(['positive', 'full']).describe('positive: windows with at least one entity; full: all'),
  rate: z.number().positive().describe('learning rate of the encoder'),
  frozen: frozen.default([]),
  negatives: share
    .default(1)
    .describe('share of the windows without an entity that a full epoch takes, drawn anew each epoch'),
});

export const trainingSchema = z.strictObject({
  batchSize: z.int().min(1).max(MOST_WINDOWS).default(16).describe('windows that are computed together'),
  accumulate: z
    .int()
    .min(1)
    .max(MOST_WINDOWS)
    .default(1)
    .describe(
      'batches that make a step: their gradients are summed, so that it learns what one batch as large as all would, in the memory of one',
    ),
  epochs: z
    .strictObject({
      count: z.int().min(1).max(MOST_EPOCHS).default(4).describe('number of epochs'),
      pattern: z
        .array(z.enum(['positive', 'full']))
        .min(1)
        .default(['positive', 'full'])
        .describe('which windows an epoch takes, repeated'),
      rate: z.number().positive().default(5e-5).describe('learning rate of the first epoch'),
      decay: z
        .number()
        .positive()
        .max(1)
        .default(0.75)
        .describe('factor of the learning rate from one epoch to the next'),
      frozen: frozen.default([]),
      frozenEpochs: z
        .int()
        .min(0)
        .max(MOST_EPOCHS)
        .nullable()
        .default(null)
        .describe('in how many of the first epochs `frozen` holds; null: in all'),
      negatives: share.default(1).describe('share of the windows without an entity that a full epoch takes'),
    })
    .prefault({})
    .describe('shorthand for the schedule'),
  schedule: z
    .array(epochSchema)
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'every epoch written out, as in [{windows: positive, rate: 5e-5}, {windows: full, rate: 2e-5}]; overrides `epochs`; null: as `epochs` says',
    ),
  warmupSteps: z
    .int()
    .min(0)
    .max(MOST_STEPS)
    .default(100)
    .describe('steps over which the rate rises from 0 at the start of training'),
  headRateFactor: z
    .number()
    .positive()
    .default(20)
    .describe('rate of the new layers (BiLSTM, heads) over that of the encoder'),
  weightDecay: z
    .number()
    .min(0)
    .default(0.01)
    .describe('decoupled weight decay (AdamW) of weight matrices; 0: Adam'),
  beta1: partialShare.default(0.9).describe("decay of Adam's first moment"),
  beta2: partialShare.default(0.999).describe("decay of Adam's second moment"),
  epsilon: z.number().positive().default(1e-8).describe("Adam's epsilon"),
  clipNorm: z
    .number()
    .positive()
    .nullable()
    .default(1)
    .describe('largest global norm of the gradient; null: no clipping'),
  logSteps: z
    .int()
    .min(1)
    .max(MOST_STEPS)
    .default(20)
    .describe('steps between two logged losses; the device is read only then'),
  checkpointSteps: z
    .int()
    .min(1)
    .max(MOST_STEPS)
    .default(200)
    .describe('steps between two checkpoints; one is always written after an epoch'),
  patience: z
    .int()
    .min(1)
    .max(MOST_EPOCHS)
    .nullable()
    .default(null)
    .describe('stop after this many epochs without a better validation F1; null: never'),
  cacheFrozen: z
    .boolean()
    .default(true)
    .describe('where the encoder is frozen in every epoch: run it once and keep its outputs on disk'),
  cacheFolder: path
    .nullable()
    .default(null)
    .describe(
      'folder that keeps them for all runs with one encoder and corpus; null: in the run, for itself',
    ),
  cachePrecision: z
    .enum(['float32', 'float16'])
    .default('float32')
    .describe('of the outputs that are kept so; float16: half the room, in three digits'),
});

export const decodingSchema = z.strictObject({
  pooling: z
    .enum(['mean', 'max', 'first'])
    .default('mean')
    .describe("how the probabilities of a word's pieces become the word's"),
  threshold: share.default(0.5).describe('least probability of a label'),
  thresholds: recordOf(label, share).prefault({}).describe('least probability by label, where it differs'),
  overlap: z
    .enum(['allow', 'best'])
    .default('allow')
    .describe('where labels of one task overlap: allow both, or keep the most probable'),
  windowStride: z
    .int()
    .min(1)
    .max(512)
    .nullable()
    .default(null)
    .describe("pieces from one window's start to the next at prediction; null: as data.windowStride"),
});

export const backendSchema = z.strictObject({
  engine: z
    .enum(['auto', 'native', 'webgpu', 'wasm', 'cpu'])
    .default('auto')
    .describe(
      "what computes; webgpu: any vendor's GPU; auto: native where it is built, else webgpu where it finds a GPU, else wasm",
    ),
  device: z
    .enum(['auto', 'gpu', 'cpu'])
    .default('auto')
    .describe('gpu: an error where no GPU answers; cpu: leave the GPU alone'),
  compile: z
    .boolean()
    .default(true)
    .describe('run a training step as one call of TensorFlow instead of thousands; native engine only'),
  precision: z
    .enum(['float32', 'bfloat16'])
    .default('float32')
    .describe(
      'bfloat16: matrix products in half the digits, all else in float32; native engine only; faster where the hardware has such products (GPUs since Ampere, CPUs with avx512_bf16 or amx)',
    ),
});

export const augmentationSchema = z.strictObject({
  labels: z
    .array(label)
    .default([])
    .describe(
      'labels that get new examples, as in [ACTIVIDAD]; none: no examples are made, and of `corpus` all are taken',
    ),
  corpus: path
    .nullable()
    .default(null)
    .describe(
      'folder that `augment` wrote, to take its examples of `labels`, of all labels where that names none; null: make them as follows',
    ),
  multiple: z
    .number()
    .gt(1)
    .max(100)
    .default(2)
    .describe('mentions of a label with the new ones over those of the training documents'),
  count: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe('number of new examples of each label; null: as `multiple` says'),
  substituteCount: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2)
    .describe('most occurrences of a mention in the training documents, to be put in for others'),
  tries: z.int().min(1).max(1_000_000).default(20).describe('mentions that are tried in the place of each'),
  rankBy: z
    .enum(['suit', 'fit', 'score', 'change'])
    .default('suit')
    .describe(
      "score: the sentence's likelihood; change: that against the original sentence; fit: that beside the candidates of the same original and those with the same substitute; suit: fit, and how alike the words are that the model expects in the substitute's place and in the original's",
    ),
  minimumScore: z
    .number()
    .nullable()
    .default(null)
    .describe('least value, of what the ranking is by, that is kept; null: any'),
  maximumPerOriginal: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2)
    .describe('most examples that are kept of one original'),
  maximumPerSubstitute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(3)
    .describe('most examples that are kept with one substitute'),
  scoring: z
    .strictObject({
      weights: path
        .default('models/bert-base-multilingual-cased')
        .describe('folder of an encoder with its masked-LM head'),
      vocabulary: path
        .nullable()
        .default(null)
        .describe('vocab.txt or tokenizer.json; null: that of the weights folder'),
      method: z
        .enum(['pseudo', 'pseudoWord', 'onePass'])
        .default('pseudoWord')
        .describe(
          'pseudo: each piece masked in turn; pseudoWord: with what follows of its word; onePass: none masked, many times faster, and hardly better than chance',
        ),
      scored: z
        .enum(['edge', 'window', 'both'])
        .default('edge')
        .describe(
          'edge: the pieces around the substitute and its first word; window: those around it; both: all of it and those around it',
        ),
      window: z
        .int()
        .min(0)
        .max(512)
        .nullable()
        .default(4)
        .describe('pieces on either side that are scored; null: the whole sentence'),
      cache: path
        .default('.cache/likelihood')
        .describe('folder that keeps what is computed, by model and sentence'),
    })
    .prefault({})
    .describe('the likelihood of a masked language model'),
});

/** Which points stand in the space where a mention's nearest ones are looked for. */
const pointsSchema = (defaults: { mentions: boolean; centroids: boolean }) =>
  z
    .strictObject({
      labels: z.boolean().default(true).describe('labels of the codes, each form between slashes a point'),
      alternatives: z.boolean().default(false).describe('alternative labels of the codes'),
      mentions: z.boolean().default(defaults.mentions).describe('mentions of the training documents'),
      centroids: z.boolean().default(defaults.centroids).describe("the mean of each code's points"),
    })
    .prefault({})
    .describe('what is compared with a mention');
const neighbours = z
  .int()
  .min(1)
  .max(1_000_000)
  .nullable()
  .default(null)
  .describe('so many nearest points vote for their codes; null: a code is as near as its nearest point');
const votePower = z
  .number()
  .min(0)
  .default(10)
  .describe('a vote weighs the similarity raised to this; only with `neighbours`');
const ngrams = z
  .tuple([z.int().min(1).max(100), z.int().min(1).max(100)])
  .refine(([shortest, longest]) => shortest <= longest, 'the shortest length comes first')
  .default([2, 5])
  .describe('shortest and longest sequence of characters, within words');
const partWeight = (weight: number) =>
  z.number().min(0).default(weight).describe("weight of this part in a code's score; 0: not used");

export const normalizationSchema = z.strictObject({
  task: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('task whose spans get codes, and whose labels help to find them; null: the first'),
  exact: z
    .array(z.enum(['mentions', 'labels', 'alternatives']))
    .default(['mentions'])
    .describe('where a mention is looked up word for word before all else, in this order'),
  threshold: z
    .number()
    .nullable()
    .default(null)
    .describe('least score for a code to be given; null: the best one is always given'),
  classifier: z
    .strictObject({
      weight: partWeight(1),
      ngrams,
      labelWeight: z
        .number()
        .min(0)
        .default(0.7)
        .describe("value of the feature that stands for the mention's label"),
      cost: z.number().positive().default(1).describe('price of a training mention on the wrong side'),
      passes: z.int().min(1).max(100_000).default(30).describe('passes over the training mentions'),
      unseen: z.number().default(-1.1).describe('score of codes that no training mention has'),
    })
    .prefault({})
    .describe('linear support vector machine over character n-grams of the training mentions'),
  lexical: z
    .strictObject({
      weight: partWeight(1),
      ngrams,
      points: pointsSchema({ mentions: false, centroids: false }),
      neighbours,
      votePower,
    })
    .prefault({})
    .describe('similarity of character n-grams (TF-IDF, cosine)'),
  embedding: z
    .strictObject({
      weight: partWeight(0),
      kind: z
        .enum(['sentenceTransformers', 'pooledEncoder', 'universalSentenceEncoder'])
        .default('sentenceTransformers')
        .describe(
          'sentenceTransformers: a folder with modules.json; pooledEncoder: an encoder as it is, mean over pieces and `layers`; universalSentenceEncoder: the English USE lite',
        ),
      weights: path
        .default('models/distiluse-base-multilingual-cased-v2')
        .describe('folder of the sentence encoder'),
      layers: z
        .array(layerNumber)
        .min(1)
        .nullable()
        .default(null)
        .describe(
          'pooledEncoder: the mean of the outputs of these layers, 0 the embeddings; null: the first and the last',
        ),
      prefix: z
        .string()
        .default('')
        .describe(
          'what a model wants before every sentence, as «query: » of multilingual-e5; it goes before `contexts`',
        ),
      contexts: z
        .array(z.string().regex(/^[^{}]*\{\}[^{}]*$/, 'a context has {} once, where the mention goes'))
        .min(1)
        .default(['Trabaja de {}.', 'Se dedica a {}.'])
        .describe('sentences that mentions and labels are put into; {}: as they are'),
      contextPooling: z
        .enum(['average', 'best'])
        .default('average')
        .describe("average: the mean of a text's contexts; best: the context in which two are nearest"),
      distance: z
        .enum(['cosine', 'euclidean'])
        .default('cosine')
        .describe('similarity is the cosine, or 1 / (1 + Euclidean distance)'),
      points: pointsSchema({ mentions: true, centroids: true }),
      neighbours,
      votePower,
      training: z
        .strictObject({
          epochs: z
            .int()
            .min(0)
            .max(MOST_EPOCHS)
            .default(0)
            .describe('passes over the alternative labels; 0: the encoder as it was pretrained'),
          layers: z
            .array(layerNumber)
            .min(1)
            .nullable()
            .default(null)
            .describe("which of the encoder's layers to take, in order; null: all"),
          mentionCount: z
            .int()
            .min(1)
            .max(10_000)
            .default(4)
            .describe(
              'how often an epoch takes a training mention, where it takes an alternative label once',
            ),
          batchSize: z
            .int()
            .min(2)
            .max(MOST_WINDOWS)
            .default(64)
            .describe("pairs of a step; the others' texts are the negatives"),
          rate: z.number().positive().default(5e-5).describe('learning rate'),
          temperature: z.number().positive().default(0.05).describe('what cosines are divided by'),
          longest: z.int().min(4).max(512).default(24).describe('pieces of a text; longer ones are cut'),
          folder: path.default('.cache/encoders').describe('folder that keeps trained encoders'),
        })
        .prefault({})
        .describe(
          'pooledEncoder: trained on pairs of training mentions or alternatives and labels, with in-batch negatives, then the mean of its last layer',
        ),
      cache: path
        .nullable()
        .default('.cache/embeddings')
        .describe('folder that keeps vectors by model and sentence; null: none'),
    })
    .prefault({})
    .describe('similarity of sentence embeddings'),
});

/** A whole config file. Every option has a default but the corpus and the tasks. */
export const configSchema = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(0x7fffffff)
    .default(1)
    .describe('seed of the split, of new examples, the order of windows, dropout and initialisation'),
  tasks: z
    .record(
      z.string().regex(/^[A-Za-z]\w*$/, 'a task is named with letters, digits and _, a letter first'),
      taskSchema,
    )
    .refine((tasks) => Object.keys(tasks).length > 0, 'is empty: name at least one task')
    .refine((tasks) => !('norm' in tasks), {
      path: ['norm'],
      error: 'names the codes; give the task another name',
    })
    .describe('the tasks that are learned together, by name'),
  data: dataSchema.describe('the corpus, its split, and how documents are cut into windows'),
  encoder: encoderSchema.prefault({}).describe('the pretrained transformer'),
  model: modelSchema.prefault({}).describe('what stands on the encoder: a trunk and a head'),
  training: trainingSchema.prefault({}).describe('epochs, learning rates, optimizer, checkpoints'),
  augmentation: augmentationSchema
    .prefault({})
    .describe('new examples of rare labels: sentences with another mention in place of theirs'),
  decoding: decodingSchema.prefault({}).describe('how probabilities become spans'),
  normalization: normalizationSchema
    .prefault({})
    .describe("codes for mentions: a code's score is the weighted sum of three parts"),
  backend: backendSchema.prefault({}).describe('what computes'),
});

export type Config = z.output<typeof configSchema>;
export type AugmentationConfig = z.output<typeof augmentationSchema>;
export type NormalizationConfig = z.output<typeof normalizationSchema>;
export type TaskConfig = z.output<typeof taskSchema>;
export type Epoch = z.output<typeof epochSchema>;
export type Frozen = z.output<typeof frozen>;
