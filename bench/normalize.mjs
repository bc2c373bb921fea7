// Time of finding codes: until what finds them is ready (of a config, the reading of its corpus among it), then mentions a second after
// warm-up. The mentions are the gold spans of the config's validation documents, each once by its text and label;
// with a run's folder or vectors on disk nothing is trained or embedded but them.
//
// Processor time is told beside the clock's: it says something on a busy machine, too.
//
//     node bench/normalize.mjs RUN|CONFIG [--rounds 5] [--threads 2] [--set section.key=value …] [--json]
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, openNormalizer, readCorpus } from 'meddoprof';
import { codedMentions, codedTask, configuredSplit } from 'meddoprof/internal';
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
const normalizer = await openNormalizer(from, { set: values.set });
const { seconds: buildSeconds, cpu: buildCpu } = building();
const mentions = await heldOut();
await normalizer.code(mentions); // warm-up

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const stop = stopwatch();
  await normalizer.code(mentions);
  rounds.push(stop());
}
const result = {
  buildSeconds,
  buildCpuSeconds: buildCpu,
  mentionsPerSecond: rounded(mentions.length / median(rounds.map((round) => round.seconds))),
  cpuMillisecondsPerMention: rounded((1e3 * median(rounds.map(({ cpu }) => cpu))) / mentions.length),
  rounds,
  mentions: mentions.length,
  concepts: normalizer.codes.length,
  peakMiB: peakMiB(),
};
normalizer.close();
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${from}: ready in ${result.buildSeconds} s (${buildCpu} s of processor time), then ` +
        `${result.mentionsPerSecond} mentions a second, ${result.cpuMillisecondsPerMention} ms of processor time each ` +
        `(${result.mentions} mentions, ${result.concepts} codes), peak ${result.peakMiB} MiB\n`,
);

async function heldOut() {
  const [own, saved] = [join(from, 'config.yaml'), join(from, 'split.json')];
  const set = existsSync(saved) ? [...values.set, `data.split=${saved}`] : values.set;
  const { config } = await loadConfig(existsSync(own) ? own : from, { set });
  const { documents } = await readCorpus(config.data.corpus, config.tasks, {
    format: config.data.format,
    norm: config.data.norm,
  });
  const { validation } = await configuredSplit(documents, config);
  const held = documents.filter(({ name }) => validation.includes(name));
  const all = held.flatMap((document) => codedMentions(document, codedTask(config)));
  return [...new Map(all.map(({ text, label }) => [`${text}\t${label}`, { text, label }])).values()];
}
