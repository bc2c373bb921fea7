// Time and memory of exact search among many sentence embeddings: random vectors stand for them.
//
//     node bench/nearest.mjs [--points 500000] [--dimension 512] [--queries 256] [--threads 2] [--json]
import { parseArgs } from 'node:util';
import { conceptScores, embeddingSpace } from 'meddoprof/internal';
import { peakMiB, rounded, startBench, stopwatch } from './process.mjs';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '500000' },
    dimension: { type: 'string', default: '512' },
    queries: { type: 'string', default: '256' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean' },
  },
});
const [count, dimension, queries] = [values.points, values.dimension, values.queries].map(Number);
const AT_ONCE = 64; // as the normalizer asks
const about = await startBench(values.threads);

let state = 1;
const random = (size) =>
  Float32Array.from({ length: size }, () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5);
const concepts = Math.ceil(count / 5);
const points = Array.from({ length: count }, (_, i) => ({
  text: '',
  concept: i % concepts,
  source: 'label',
}));
const embedder = {
  name: 'random',
  dimension,
  embed: async (texts) => random(texts.length * dimension),
  dispose() {},
};
const settings = { contexts: ['{}'], contextPooling: 'average', distance: 'cosine' };

const matrix = random(count * dimension);
const building = stopwatch();
const space = embeddingSpace(points, [], [matrix], embedder, settings);
const build = building().seconds;
await search(AT_ONCE); // warm-up
const searching = stopwatch();
await search(queries);
const { seconds, cpu } = searching();

const result = {
  points: count,
  dimension,
  queries,
  buildSeconds: build,
  seconds,
  queriesPerSecond: rounded(queries / seconds),
  cpuMillisecondsPerQuery: rounded((1e3 * cpu) / queries),
  matrixMiB: Math.round((count * dimension * 4) / 2 ** 20),
  peakMiB: peakMiB(),
  ...about,
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${count} points x ${dimension} (${result.matrixMiB} MiB): built in ${build} s, ${result.queriesPerSecond} mentions a second, ${result.cpuMillisecondsPerQuery} ms of processor time each, peak ${result.peakMiB} MiB; ${about.engine}, ${about.threads} threads\n`,
);

async function search(texts) {
  for (let at = 0; at < texts; at += AT_ONCE) {
    const some = Array(Math.min(AT_ONCE, texts - at)).fill('');
    for (const similarities of await space.similarities(some))
      conceptScores(space, similarities, concepts, { neighbours: null, votePower: 1 });
  }
}
