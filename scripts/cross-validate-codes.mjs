// Cross-validates what finds codes over a config's training documents; its validation documents are not touched. So
// settings can be chosen by it, and validation says afterwards what the choice was worth.
//
//     node scripts/cross-validate-codes.mjs CONFIG [--folds 5] [--seed 1] [--set section.key=value …] [--json]
import { parseArgs } from 'node:util';
import { createContext, loadConfig, readCorpus } from 'meddoprof';
import {
  codedTask,
  configuredNormalizer,
  configuredSplit,
  evaluateGoldSpans,
  randomFrom,
} from 'meddoprof/internal';

const { values, positionals } = parseArgs({
  options: {
    folds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    set: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean' },
  },
  allowPositionals: true,
});
const { config } = await loadConfig(positionals[0], { set: values.set });
const { documents } = await readCorpus(config.data.corpus, config.tasks, {
  format: config.data.format,
  norm: config.data.norm,
});
const names = new Set((await configuredSplit(documents, config)).training);
const training = documents.filter(({ name }) => names.has(name));

const context = createContext();
const folds = drawFolds(training, Number(values.folds), Number(values.seed));
const results = [];
for (const fold of folds) {
  const held = new Set(fold);
  const split = {
    seed: Number(values.seed),
    training: training.map(({ name }) => name).filter((name) => !held.has(name)),
    validation: fold,
  };
  const { normalizer } = await configuredNormalizer(config, training, split, context);
  const coded = training.filter(({ name }) => held.has(name));
  const { evaluation } = await evaluateGoldSpans(normalizer, coded, { task: codedTask(config) }, context);
  normalizer.dispose();
  results.push(evaluation);
  if (!values.json) process.stderr.write(`fold ${results.length}: ${line(evaluation)}\n`);
}
const all = {
  ...sum(results),
  seen: sum(results.map(({ seen }) => seen)),
  unseen: sum(results.map(({ unseen }) => unseen)),
  folds: results.map(({ accuracy }) => accuracy),
};
process.stdout.write(values.json ? `${JSON.stringify(all)}\n` : `all: ${line(all)}\n`);

/** Names of the documents of each fold; those with one text are in one fold. */
function drawFolds(all, count, seed) {
  const groups = new Map();
  for (const { name, text } of all) groups.set(text, [...(groups.get(text) ?? []), name]);
  const shuffled = randomFrom(seed).shuffle([...groups.values()]);
  return Array.from({ length: count }, (_, fold) => shuffled.filter((_, i) => i % count === fold).flat());
}

function sum(all) {
  const total = (of) => all.reduce((so, each) => so + of(each), 0);
  const [mentions, correct] = [total((each) => each.mentions), total((each) => each.correct)];
  return {
    mentions,
    correct,
    accuracy: correct / mentions,
    top5: total((each) => each.top5 * each.mentions) / mentions,
  };
}

function line({ mentions, correct, accuracy, top5, unseen }) {
  return `${correct} of ${mentions} right, ${accuracy.toFixed(4)}; in first 5 ${top5.toFixed(4)}; of ${unseen.mentions} unseen ${unseen.accuracy.toFixed(4)}`;
}
