import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPredictor } from '../../src/predict/open.js';
import { runToEnd } from '../support/runToEnd.js';
import { describePython, runPython } from '../support/python.js';
import { metricsOf } from '../support/runFolder.js';
import { tinyRun } from '../support/tinyRun.js';

interface Events {
  scalars: Record<string, [step: number, value: number][]>;
  histograms: Record<string, { step: number; min: number; max: number; count: number; sum: number; buckets: number[][] }[]>; // prettier-ignore
  texts: Record<string, string[]>;
}

describePython("a run's event files, read by TensorBoard,", ['tensorboard'], () => {
  const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const run = join(root, 'run');
  let events: Events;

  /** A run that stops two steps after a checkpoint, so that a resumed one does them again. */
  beforeAll(async () => {
    const training = { epochs: { count: 2, rate: 1e-3 }, checkpointSteps: 3, logSteps: 1 };
    const { config } = await tinyRun(root, { training }, 12);
    const stop = new Error('cut off');
    const cutOff = runToEnd(config, { folder: run, resume: false }, (event) => {
      if (event.kind === 'step' && event.progress.step === 5) throw stop;
    });
    await expect(cutOff).rejects.toThrow(stop);
    await runToEnd(config, { folder: run, resume: true });
    const { status, stderr, printed } = runPython('read_events.py', [join(run, 'tensorboard')]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    events = JSON.parse(printed) as Events;
  }, 600_000);
  afterAll(() => rmSync(root, { recursive: true }));

  /** Steps and values of metrics.jsonl. */
  const logged = (kind: 'step' | 'epoch', value: (line: never) => number) =>
    metricsOf(run)
      .filter((line) => line.kind === kind)
      .map((line) => [line.step, expect.closeTo(value(line as never), 5)]);

  test('has the scalars of metrics.jsonl, each step once though a session was cut off', () => {
    const { scalars } = events;
    expect(scalars['training/loss']).toEqual(logged('step', (line: { loss: number }) => line.loss));
    expect(scalars['training/rate']).toEqual(logged('step', (line: { rate: number }) => line.rate));
    expect(scalars['training/gradient norm']).toEqual(
      logged('step', (line: { gradientNorm: number }) => line.gradientNorm),
    );
    expect(scalars['training/class/token F1']).toEqual(
      logged('step', (line: { tokens: { class: { f1: number } } }) => line.tokens.class.f1),
    );
  });

  test('has scores per task and label after every epoch', () => {
    type Line = { tasks: Record<string, { recall: number; perLabel: Record<string, { f1: number }> }> };
    expect(events.scalars['validation/ner/recall']).toEqual(
      logged('epoch', (line: Line) => line.tasks.ner!.recall),
    );
    expect(events.scalars['validation/class/FAMILIAR/F1']).toEqual(
      logged('epoch', (line: Line) => line.tasks.class!.perLabel.FAMILIAR!.f1),
    );
    expect(events.scalars['validation/ner/word F1']).toHaveLength(2);
  });

  test('has a histogram of every parameter after every epoch, the last of the weights that are saved', async () => {
    const predictor = await openPredictor(join(run, 'checkpoints/last'), {}, createContext());
    const names = Object.keys(events.histograms);
    expect(names).toContain('heads.ner.weight');
    for (const name of names) {
      const last = events.histograms[name]!.at(-1)!;
      const values = (await predictor.weights(name).data()) as Float32Array;
      expect(events.histograms[name]).toHaveLength(2);
      expect(last.count).toBe(values.length);
      expect(last.sum).toBeCloseTo(
        values.reduce((sum, value) => sum + value, 0),
        3,
      );
      expect([last.min, last.max]).toEqual([Math.min(...values), Math.max(...values)]);
      let below = -Infinity;
      for (const [edge, count] of last.buckets.slice(0, -1) as [number, number][]) {
        const inside = values.filter((value) => value >= below && value < edge).length;
        expect(Math.abs(inside - count)).toBeLessThanOrEqual(1); // a value may lie on an edge
        below = edge;
      }
    }
    predictor.dispose();
  });

  test('has the config as text', () => {
    const lines = events.texts.config![0]!.split('\n').map((line) => line.replace(/^ {4}/, ''));
    expect(lines.join('\n')).toBe(readFileSync(join(run, 'config.yaml'), 'utf8'));
  });
});
