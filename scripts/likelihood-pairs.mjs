// How often each scoring method finds the good sentence of a pair likelier than the broken one.
//
//     npm run build && node scripts/likelihood-pairs.mjs [--pairs FILE] [--weights FOLDER] [--cache FOLDER]
//         [--methods pseudo:both:0,pseudo:window:4,pseudoWord:both:all,…] [--json]
//
// FILE has the columns good, broken and original, one span of each marked with [ ].
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createContext } from 'meddoprof';
import {
  formatTable,
  marked,
  maskedLmIdentity,
  openScorer,
  scoreCached,
  startEngine,
} from 'meddoprof/internal';

const windows = ['0', '3', '6', 'all'];
const methods = ['pseudo', 'pseudoWord', 'onePass'];
const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    pairs: text('experiments/augmentation/pairs.tsv'),
    weights: text('models/bert-base-multilingual-cased'),
    cache: text('runs/likelihood'),
    methods: text(
      methods
        .flatMap((name) =>
          ['both', 'window', 'edge'].flatMap((scored) => windows.map((size) => `${name}:${scored}:${size}`)),
        )
        .filter((name) => !name.endsWith(':window:0'))
        .join(),
    ),
    json: { type: 'boolean' },
  },
});

const [, ...lines] = (await readFile(values.pairs, 'utf8')).trimEnd().split('\n');
const pairs = lines.map((line) => line.split('\t').map(marked)); // good, broken, original
const requests = pairs.flat();
const weights = await maskedLmIdentity(values.weights);

const results = [];
for (const name of values.methods.split(',')) {
  const [method, scored, window] = name.split(':');
  const source = { weights, method, scored, window: window === 'all' ? Infinity : Number(window) };
  const scores = await allScores(source);
  const pairScores = pairs.map((_, i) => scores.slice(3 * i, 3 * i + 3));
  results.push({ method, scored, window, ...summary(pairScores), scores: pairScores });
  process.stderr.write(`${name} done\n`);
}
process.stdout.write(
  values.json
    ? `${JSON.stringify(results)}\n`
    : formatTable(
        [
          'method',
          'scored',
          'window',
          'good is likelier',
          'any good, any broken',
          'the same by change',
          'original is likelier',
        ],
        results.map(({ method, scored, window, wins, across, acrossByChange, originalWins }) => [
          method,
          scored,
          window,
          `${wins} of ${pairs.length}`,
          percent(across),
          percent(acrossByChange),
          `${originalWins} of ${pairs.length}`,
        ]),
      ) + '\n',
);

/** Scores of all requests, in their order. */
async function allScores(source) {
  const scores = [];
  const open = async () => {
    await startEngine({ engine: 'auto', device: 'auto' });
    return openScorer(values.weights, source, createContext());
  };
  for await (const { index, score } of scoreCached(values.cache, source, requests, open, createContext()))
    scores[index] = score;
  return scores;
}

/**
 * `wins`: good above broken in the same sentence, where the change against the original orders them alike.
 * `across`: share of all (good, broken), of whatever sentences, with the good one above: what one threshold for
 * all can do (the area under the ROC curve); by the score itself and by its change against the original.
 */
function summary(rows) {
  const share = (value) => {
    const good = rows.map(([good, , original]) => value(good, original));
    const broken = rows.map(([, broken, original]) => value(broken, original));
    return good.flatMap((a) => broken.filter((b) => a > b)).length / rows.length ** 2;
  };
  return {
    wins: rows.filter(([good, broken]) => good > broken).length,
    across: share((score) => score),
    acrossByChange: share((score, original) => score - original),
    originalWins: rows.filter(([, broken, original]) => original > broken).length,
  };
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}
