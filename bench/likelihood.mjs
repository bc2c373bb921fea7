// Candidates per second of likelihood scoring, as augmentation does it: tokenizing, cutting, masking, batches, model
// and log-probabilities; nothing cached. bench/pytorch/likelihood.py makes the same rows, in batches of as many pieces.
//
//     node bench/likelihood.mjs [--weights FOLDER] [--sentences FILE] [--candidates 120] [--method pseudo|onePass]
//         [--window 3|all] [--batchPieces 1024] [--threads 2] [--json]
import { parseArgs } from 'node:util';
import { compilerHere, inPrecision, openMaskedLm, scoreSpans } from 'meddoprof/internal';
import { likelihoodOptions } from './options.mjs';
import { peakMiB, rounded, startBench, stopwatch } from './process.mjs';
import { markedSentences } from './sentences.mjs';

const { values } = parseArgs({ options: { ...likelihoodOptions, json: { type: 'boolean' } } });
const { method, batchPieces } = values;
const window = values.window === 'all' ? Infinity : Number(values.window);
const requests = await markedSentences(values.sentences, Number(values.candidates));
const about = await startBench(values.threads, values.precision);
const lm = await inPrecision(values.precision, () => openMaskedLm(values.weights));
const { tokenizer } = lm;
const compiler = compilerHere({ notice: console.warn });
const options = { method, window, scored: 'both', batchPieces: Number(batchPieces), compiler };
await inPrecision(values.precision, () => scores(requests.slice(0, 1))); // warm-up

const stop = stopwatch();
const found = await inPrecision(values.precision, () => scores(requests));
const { seconds, cpu } = stop();

const result = {
  candidatesPerSecond: rounded(found.length / seconds),
  seconds,
  cpuSeconds: cpu,
  candidates: found.length,
  scored: found.reduce((sum, { pieces }) => sum + pieces, 0),
  peakMiB: peakMiB(),
  ...about,
  method,
  window: values.window,
  batchPieces: Number(batchPieces),
  layers: lm.config.layers,
  scores: found.sort((a, b) => a.index - b.index).map(({ score }) => score),
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.candidatesPerSecond} candidates per second: ${result.candidates} candidates, ${result.scored} pieces ` +
        `scored in ${seconds} s; ${method}, ${result.engine}, ${result.threads} threads, peak ${result.peakMiB} MiB\n`,
);

async function scores(some) {
  const all = [];
  for await (const score of scoreSpans(lm, tokenizer, some, options)) all.push(score);
  return all;
}
