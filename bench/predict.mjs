// Documents per second of prediction, as `meddoprof predict` does it: reading, tokenizing, windows, model, pooling
// and decoding; without writing. bench/pytorch/predict.py makes the same windows and batches.
//
//     node bench/predict.mjs --input FOLDER [--model FOLDER] [--documents 100] [--batch 16] [--threads 2] [--json]
import { parseArgs } from 'node:util';
import { inPrecision } from '../dist/backend/precision.js';
import { createContext } from '../dist/context.js';
import { readTexts } from '../dist/data/corpus.js';
import { windowsOf } from '../dist/data/windows.js';
import { openPredictor } from '../dist/predict/open.js';
import { predictTexts } from '../dist/predict/predict.js';
import { predictOptions } from './options.mjs';
import { peakMiB, rounded, startBench, steadyMiB, stopwatch } from './process.mjs';

const { values } = parseArgs({ options: { ...predictOptions, json: { type: 'boolean' } } });
if (!values.input) throw new Error('--input is needed: a folder of .txt files');
const about = await startBench(values.threads, values.precision);
const { precision } = values;
const predictor = await inPrecision(precision, () =>
  openPredictor(values.model, { batchSize: Number(values.batch) }, createContext()),
);
await consume(predictTexts(predictor, [{ name: 'warm-up', text: 'Trabaja de enfermera.' }]));

const counts = { windows: 0, pieces: 0 };
const stop = stopwatch();
const documents = await consume(predictTexts(counting(predictor), first(Number(values.documents))));
const { seconds, cpu } = stop();

const result = {
  documentsPerSecond: rounded(documents / seconds),
  ...{ seconds, cpuSeconds: cpu, documents },
  ...counts,
  peakMiB: peakMiB(),
  steadyMiB: steadyMiB(),
  ...about,
  ...{ batch: predictor.batchSize, layers: predictor.model.encoder.layers },
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.documentsPerSecond} documents per second: ${documents} documents, ${counts.windows} windows, ` +
        `${counts.pieces} pieces in ${seconds} s; ${result.engine}, ${result.threads} threads, peak ${result.peakMiB} MiB\n`,
);

/** Takes all that comes, and tells how much it was. */
async function consume(predictions) {
  let count = 0;
  while (!(await inPrecision(precision, () => predictions.next())).done) count++;
  return count;
}

async function* first(most) {
  let read = 0;
  for await (const text of readTexts(values.input)) {
    if (read++ === most) return;
    yield text;
  }
}

/** The same predictor, which counts the windows that it is given to do, and their pieces. */
function counting({ tokenizer, windows, ...rest }) {
  const encodeBatch = async (texts) => {
    const encoded = await tokenizer.encodeBatch(texts);
    for (const { ids } of encoded)
      for (const { start, end } of windowsOf(ids.length, windows)) {
        counts.windows++;
        counts.pieces += end - start + 2; // [CLS], [SEP]
      }
    return encoded;
  };
  return { ...rest, windows, tokenizer: { ...tokenizer, encodeBatch } };
}
