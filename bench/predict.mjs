// Documents per second of prediction, as `meddoprof predict` does it: reading, tokenizing, windows, model, pooling
// and decoding; without writing. bench/pytorch/predict.py makes the same windows and batches.
//
//     node bench/predict.mjs --input FOLDER [--model FOLDER] [--documents 100] [--batch 16] [--device cpu|gpu]
//         [--threads 2] [--stride 118] [--json]
import { parseArgs } from 'node:util';
import { openModel, predict, readTexts } from 'meddoprof';
import { openCheckpoint, windowsIn } from 'meddoprof/internal';
import { predictOptions, strideOption } from './options.mjs';
import { peakMiB, rounded, startBench, steadyMiB, stopwatch } from './process.mjs';

const { values } = parseArgs({
  options: { ...predictOptions, ...strideOption, json: { type: 'boolean' } },
});
if (!values.input) throw new Error('--input is needed: a folder of .txt files');
const { precision, device } = values;
const batch = Number(values.batch);
const { layers, ...counts } = await counted();
const about = await startBench(values.threads, precision, device);
const set = values.stride === '' ? [] : [`decoding.windowStride=${values.stride}`];
const model = await openModel(values.model, { engine: 'native', device, precision, batchSize: batch, set });
await consume(predict(model, [{ name: 'warm-up', text: 'Trabaja de enfermera.' }]));

const stop = stopwatch();
const documents = await consume(predict(model, first(Number(values.documents))));
const { seconds, cpu } = stop();

const result = {
  documentsPerSecond: rounded(documents / seconds),
  seconds,
  cpuSeconds: cpu,
  documents,
  ...counts,
  peakMiB: peakMiB(),
  steadyMiB: steadyMiB(),
  ...about,
  batch,
  layers,
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
  while (!(await predictions.next()).done) count++;
  return count;
}

async function* first(most) {
  let read = 0;
  for await (const text of readTexts(values.input)) {
    if (read++ === most) return;
    yield text;
  }
}

/** The windows of the documents and their pieces, and the layers that these go through. */
async function counted() {
  const { model, settings, tokenizer, weights } = await openCheckpoint(values.model);
  await weights.close();
  const windows = {
    ...settings.windows,
    windowStride: Number(values.stride || (settings.decoding.windowStride ?? settings.windows.windowStride)),
  };
  const counts = { windows: 0, pieces: 0, layers: model.encoder.layers };
  for await (const { text } of first(Number(values.documents)))
    for (const encoded of await tokenizer.encodeBatch([text]))
      for (const { start, end } of windowsIn({ text, encoded }, windows)) {
        counts.windows++;
        counts.pieces += end - start + 2; // [CLS], [SEP]
      }
  return counts;
}
