// Time of finding codes: until what finds them is ready (the corpus was read before), then mentions a second after
// warm-up. The mentions are the gold spans of the config's validation documents, each once by its text and label;
// with a run's folder or vectors on disk nothing is trained or embedded but them.
//
// Processor time is told beside the clock's: it says something on a busy machine, too.
//
//     node bench/normalize.mjs RUN|CONFIG [--rounds 5] [--threads 2] [--set section.key=value …] [--json]
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createContext } from '../dist/context.js';
import { readCorpus } from '../dist/data/corpus.js';
import { configuredSplit, readSplit } from '../dist/data/split.js';
import { codedMentions } from '../dist/normalize/knowledge.js';
import { codedTask } from '../dist/run/normalizer.js';
import { openSource } from '../dist/run/normalize.js';
import { runPaths } from '../dist/runFolder/paths.js';
import { median, peakMiB, rounded, stopwatch } from './process.mjs';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    set: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean' },
  },
  allowPositionals: true,
});
const [from] = positionals;
if (from === undefined) throw new Error("give a run's folder or a config file");
process.env.TF_NUM_INTRAOP_THREADS = values.threads; // read when TensorFlow is loaded
const building = stopwatch();
const { config, normalizer, seconds } = await openSource({ from, set: values.set }, createContext());
const { cpu: buildCpu } = building();
const mentions = await heldOut(config);
await normalizer.code(mentions); // warm-up

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const stop = stopwatch();
  await normalizer.code(mentions);
  rounds.push(stop());
}
const result = {
  ...{ buildSeconds: rounded(seconds), buildAndCorpusCpuSeconds: buildCpu },
  mentionsPerSecond: rounded(mentions.length / median(rounds.map((round) => round.seconds))),
  cpuMillisecondsPerMention: rounded((1e3 * median(rounds.map(({ cpu }) => cpu))) / mentions.length),
  ...{
    rounds,
    mentions: mentions.length,
    concepts: normalizer.knowledge.concepts.length,
    peakMiB: peakMiB(),
  },
};
normalizer.dispose();
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${from}: ready in ${result.buildSeconds} s (${buildCpu} s of processor time, the corpus among them), then ` +
        `${result.mentionsPerSecond} mentions a second, ${result.cpuMillisecondsPerMention} ms of processor time each ` +
        `(${result.mentions} mentions, ${result.concepts} codes), peak ${result.peakMiB} MiB\n`,
);

async function heldOut(config) {
  const { documents } = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
  const saved = runPaths(from).split;
  const { validation } = existsSync(saved)
    ? await readSplit(saved, documents)
    : await configuredSplit(documents, config);
  const held = documents.filter(({ name }) => validation.includes(name));
  const all = held.flatMap((document) => codedMentions(document, codedTask(config)));
  return [...new Map(all.map(({ text, label }) => [`${text}\t${label}`, { text, label }])).values()];
}
