import { expect, test } from '@jest/globals';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeEngines } from '../support/engines.js';
import { metricsOf, resultOf } from '../support/runFolder.js';
import { runToEnd, runUntil, stopAfter } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const pretrained = join(import.meta.dirname, '../fixtures/tiny-distilbert');
const patient = 300_000; // ms, for a machine that has other things to do

describeEngines(
  'a run that was stopped and resumed',
  (engine) => {
    const accumulate = { batchSize: 3, accumulate: 2 };
    test.each([
      ['with a batch for each step', {}],
      ['with two batches for each step', { training: accumulate }],
      [
        'with rates that fall by step and layer, and weights that are averaged',
        {
          training: {
            rateDecay: 'cosine',
            layerRateFactor: 0.7,
            averageDecay: 0.8,
            epochs: { count: 2, rate: 1e-3, frozen: ['embeddings'], frozenEpochs: 1 },
          },
        },
      ],
      ['with words hidden from each of two batches', { training: { ...accumulate, maskedShare: 0.3 } }],
      [
        'with two batches for each step, from the cache of a frozen encoder',
        { training: { ...accumulate, epochs: { count: 2, rate: 1e-3, frozen: 'encoder' } } },
      ],
    ])(
      'ends as one that was not: weights, moments, metrics, evaluation; %s',
      async (_, changes) => {
        const { config, out } = await tinyRun(folder(), { backend: { engine }, ...changes }, 8);
        const whole = `${out}-whole`;
        await runToEnd(config, { folder: whole, resume: false });
        const [first, second] = metricsOf(whole).filter(({ kind }) => kind === 'epoch');
        expect(config.encoder.dropout).toBeGreaterThan(0);

        // In the middle of an epoch and of a log interval, at the epoch's end, in the middle of the next.
        const stops = [2, first!.step, second!.step - 1];
        for (const [index, stop] of stops.entries())
          expect(await runUntil(config, { folder: out, resume: index > 0 }, stop)).toBe(stop);
        await runToEnd(config, { folder: out, resume: true });
        expect(resultOf(out)).toEqual(resultOf(whole));
      },
      patient,
    );
  },
  ['native', 'wasm'],
);

describeEngines(
  'a resumed run',
  (engine) => {
    test(
      'goes on with the moments of layers that were frozen when it stopped, and of those that are now',
      async () => {
        const schedule = [
          { windows: 'full', rate: 1e-3, frozen: [1] },
          { windows: 'positive', rate: 1e-3, frozen: 'encoder' },
          { windows: 'positive', rate: 1e-3, frozen: ['embeddings', 0] },
        ];
        const { config, out } = await tinyRun(
          folder(),
          {
            backend: { engine },
            encoder: { weights: pretrained, layers: [0, 2] },
            training: { schedule },
          },
          8,
        );
        const whole = `${out}-whole`;
        await runToEnd(config, { folder: whole, resume: false });
        const ends = metricsOf(whole).filter(({ kind }) => kind === 'epoch');
        for (const { step, epoch } of ends)
          expect(await runUntil(config, { folder: out, resume: epoch > 0 }, step - 1)).toBe(step - 1);
        await runToEnd(config, { folder: out, resume: true });
        expect(resultOf(out)).toEqual(resultOf(whole));

        const { updates } = JSON.parse(readFileSync(join(out, 'checkpoints/last/state.json'), 'utf8')) as {
          updates: Record<string, number>;
        };
        const [a, b, c] = ends.map(({ step }) => step) as [number, number, number];
        const layer = (number: number) => `distilbert.transformer.layer.${number}.ffn.lin1.weight`;
        expect(updates).toMatchObject({
          [layer(0)]: a,
          [layer(1)]: c - b,
          'distilbert.embeddings.word_embeddings.weight': a,
          'bilstm.bias_l0': c,
        });
      },
      patient,
    );

    const fds = '/proc/self/fd';
    (existsSync(fds) ? test : test.skip)(
      'has no file of its checkpoint open, which it replaces',
      async () => {
        const { config, out } = await tinyRun(
          folder(),
          { backend: { engine }, encoder: { weights: pretrained } },
          8,
        );
        await runUntil(config, { folder: out, resume: false }, 2);
        const targets = new Set<string>();
        await runToEnd(config, { folder: out, resume: true }, () => {
          for (const fd of readdirSync(fds)) targets.add(targetOf(join(fds, fd)));
        });
        expect([...targets].some((file) => file.startsWith(realpathSync(pretrained)))).toBe(true);
        expect([...targets].filter((file) => file.includes('checkpoints'))).toEqual([]);
      },
    );

    test(
      'has the steps of an epoch in whose validation it was stopped, the last one, too',
      async () => {
        const { config, out } = await tinyRun(folder(), { backend: { engine } }, 8);
        const whole = `${out}-whole`;
        await runToEnd(config, { folder: whole, resume: false });
        const ends = metricsOf(whole).filter(({ kind }) => kind === 'epoch');
        for (const [resumed, { step }] of ends.entries()) {
          await expect(stopAfter(config, { folder: out, resume: resumed > 0 }, step)).rejects.toThrow(
            `Stopped in the validation of epoch ${resumed}`,
          );
          const { progress } = JSON.parse(readFileSync(join(out, 'checkpoints/last/state.json'), 'utf8'));
          expect(progress).toMatchObject({ step, epoch: resumed });
        }
        const steps: number[] = [];
        await runToEnd(config, { folder: out, resume: true }, (event) => {
          if (event.kind === 'step') steps.push(event.progress.step);
        });
        expect(steps).toEqual([]); // none is computed again
        expect(resultOf(out)).toEqual(resultOf(whole));
      },
      patient,
    );

    test(
      'logs no step twice and leaves none out, also after what was not in a checkpoint',
      async () => {
        const { config, out } = await tinyRun(folder(), { backend: { engine } }, 8);
        await runUntil(config, { folder: out, resume: false }, 5);
        const lost = {
          kind: 'step',
          step: 6,
          epoch: 1,
          rate: 1,
          loss: 1,
          gradientNorm: 1,
          tokens: {},
          seconds: 1,
        };
        appendFileSync(join(out, 'metrics.jsonl'), `${JSON.stringify(lost)}\n{"kind":"step","st`);
        await runToEnd(config, { folder: out, resume: true });
        const steps = metricsOf(out).map(({ kind, step }) => `${kind} ${step}`);
        const [first, second] = metricsOf(out).filter(({ kind }) => kind === 'epoch');
        const due = Array.from({ length: second!.step }, (_, i) => i + 1).filter(
          (step) => step % 3 === 0 || step === first!.step || step === second!.step,
        );
        const expected = due.map((step) => `step ${step}`);
        expected.splice(due.indexOf(first!.step) + 1, 0, `epoch ${first!.step}`);
        expect(steps).toEqual([...expected, `epoch ${second!.step}`]);
      },
      patient,
    );

    test(
      'counts the seconds of the part before',
      async () => {
        const { config, out } = await tinyRun(folder(), { backend: { engine } }, 8);
        await runUntil(config, { folder: out, resume: false }, 3);
        const line = {
          kind: 'step',
          step: 3,
          epoch: 0,
          rate: 1,
          loss: 1,
          gradientNorm: 1,
          tokens: {},
          seconds: 1000,
        };
        writeFileSync(join(out, 'metrics.jsonl'), `${JSON.stringify(line)}\n`);
        await runUntil(config, { folder: out, resume: true }, 6);
        const last = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;
        expect((JSON.parse(last) as { seconds: number }).seconds).toBeGreaterThan(1000);
      },
      patient,
    );
  },
  ['native'],
);

/** Of a link; nothing where it is gone by now. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
