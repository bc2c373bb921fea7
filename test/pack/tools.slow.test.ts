import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext } from '../../src/context.js';
import { packRun } from '../../src/pack/pack.js';
import { describePython, runPython } from '../support/python.js';
import { runToEnd } from '../support/runToEnd.js';
import { tinyRun } from '../support/tinyRun.js';

const pretrained = join(import.meta.dirname, '../fixtures/tiny-bert');
const MINUTES = 60_000;
let root: string;
let run: string;
let packs = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  run = join(root, 'run');
  const changes = {
    encoder: { weights: pretrained, layers: [0, 2] },
    training: { epochs: { count: 1, rate: 1e-3 } },
  };
  const { config } = await tinyRun(root, { ...changes, backend: { engine: 'wasm' } }, 8);
  await runToEnd(config, { folder: run, resume: false });
}, 5 * MINUTES);
afterAll(() => rmSync(root, { recursive: true }));

/** What a script says of a packed folder. */
async function told(script: string, type: 'F32' | 'F16' | 'BF16' = 'F32') {
  const out = join(root, `pack-${packs++}`);
  const about = {
    license: 'cc-by-4.0',
    languages: ['es', 'ca'],
    name: 'tiny',
    corpus: 'The Demo Corpus',
    base: 'org/bert',
  };
  const how = { checkpoint: 'best', restoreWords: false, mentions: true, tuned: false, set: [] } as const;
  await packRun(run, { out, type, ...about, ...how }, createContext());
  const { status, stderr, printed } = runPython(script, [out]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return JSON.parse(printed);
}

describePython("Python's transformers", ['transformers', 'torch', 'safetensors'], () => {
  test.each(['F32', 'F16', 'BF16'] as const)(
    'opens the encoder of a packed model, whole: %s',
    async (type) => {
      const { type: family, layers, others } = await told('check_checkpoint.py', type);
      expect([family, layers.length]).toEqual(['bert', 3]); // embeddings, two layers
      expect(others.every((other: string) => /^(bilstm|heads)\./.test(other))).toBe(true);
    },
    5 * MINUTES,
  );
});

describePython('huggingface_hub', ['huggingface_hub'], () => {
  test('takes the card of a packed model, with all scores of the run', async () => {
    const { results, ...card } = await told('check_card.py');
    expect(card).toEqual({
      license: 'cc-by-4.0',
      language: ['es', 'ca'],
      model: 'tiny',
      pipeline: 'token-classification',
    });
    const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8'));
    const about = ['token-classification', 'the-demo-corpus', 'The Demo Corpus'];
    const expected = Object.entries({ ner: 'ner', class: 'class', codes: 'norm' }).flatMap(([name, track]) =>
      ['precision', 'recall', 'f1'].map((type) => [
        ...[about[0], name, about[1], about[2], type],
        expect.closeTo(evaluation[track][type], 4),
      ]),
    );
    expect(results).toEqual(expected);
  });
});
