import { describe, expect, test } from '@jest/globals';
import { loadOverSmallest } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const load = (text: string, ...set: string[]) => loadOverSmallest(folder(), text, ...set);

describe('options that contradict each other', () => {
  test.each([
    [
      'a stride that leaves gaps',
      'data: { windowPieces: 64, windowStride: 63 }',
      'data.windowStride is 63, which leaves gaps between windows of 64 pieces; it must be at most windowPieces - 2, 62',
    ],
    [
      'heads that do not divide the width',
      'encoder: { random: { heads: 3 } }',
      'encoder.random.heads is 3, which does not divide encoder.random.hidden, 64',
    ],
    [
      'a frozen layer that is not taken',
      'encoder: { weights: x, layers: [9] }\ntraining: { epochs: { frozen: [embeddings, 1] } }',
      'training.epochs.frozen[1] is 1; the encoder has 1 layer, counted from 0',
    ],
    [
      'a frozen layer of a schedule',
      'training: { schedule: [{ windows: full, rate: 1e-5, frozen: [7] }] }',
      'training.schedule[0].frozen[0] is 7; the encoder has 2 layers, counted from 0',
    ],
    [
      'a teacher for a head that learns no probabilities',
      'model: { head: spans }\ntraining: { teacher: { runs: [runs/a] } }',
      'training.teacher.runs needs the head sigmoid or crf, and model.head is spans; leave it out, or change that',
    ],
    [
      'the teacher of a fold, and no folds',
      "training: { teacher: { runs: ['runs/a-f{fold}'] } }",
      'training.teacher.runs[0] is runs/a-f{fold}, and data.fold is not set; name the run as it is',
    ],
    [
      'a teacher twice',
      'training: { teacher: { runs: [runs/a, runs/a] } }',
      'training.teacher.runs[1] is runs/a, which is in the list already',
    ],
    [
      'a threshold for a label of no task',
      'decoding: { thresholds: { job: 0.4 } }',
      'decoding.thresholds.job is for a label of no task; did you mean JOB?',
    ],
    [
      'a calibration for a label of no task',
      'decoding: { calibration: { job: 2 } }',
      'decoding.calibration.job is for a label of no task; did you mean JOB?',
    ],
    [
      'a curve whose scores do not ascend',
      'decoding: { calibration: { JOB: [[0.5, 0.1], [0.7, 0.2], [0.7, 0.3]] } }',
      'decoding.calibration.JOB[2] has the score 0.7, and the point before it 0.7; the scores of a curve ascend',
    ],
    [
      'a weight for a label of no task',
      'training: { labelWeights: { job: 2 } }',
      'training.labelWeights.job is for a label of no task; did you mean JOB?',
    ],
    [
      'a label twice in a task',
      'tasks: { ner: { labels: [JOB, JOB] } }',
      'tasks.ner.labels[1] is JOB, which is in the list already',
    ],
    [
      'two tasks with a label in one folder',
      'tasks: { class: { folder: task1/, labels: [PATIENT, JOB] } }',
      'tasks.class.labels[1] is JOB, a label of ner too, and both have the folder task1; of tasks that share one each needs labels of its own',
    ],
    [
      'a task with the name of the codes',
      'tasks: { norm: { folder: task3, labels: [JOB] } }',
      'tasks.norm names the codes; give the task another name',
    ],
    [
      'a task outside the corpus',
      'tasks: { class: { folder: ../task2 } }',
      'tasks.class.folder is ../task2; it must be the name of a folder inside the corpus',
    ],
    [
      'folds beside a split',
      'data: { folds: 5, fold: 1, split: split.json }',
      'data.folds is 5, and data.split says which documents are held out; leave one out',
    ],
    [
      'folds of which none is held out',
      'data: { folds: 5 }',
      'data.folds is 5, and data.fold does not say which one is held out; set it to 1 … 5, or train all by an experiment file with folds: 5',
    ],
    [
      'a fold beyond the last',
      'data: { folds: 5, fold: 6 }',
      'data.fold is 6, and there are 5 folds (data.folds)',
    ],
    ['a fold of none', 'data: { fold: 1 }', 'data.fold is 1, and data.folds does not say of how many'],
    [
      'more context than a window has room for',
      'data: { windowPieces: 66, windowStride: 48, windowContext: 25 }',
      'data.windowContext is 25 on both sides, which leaves too little to be scored in windows of 66 pieces; it must be at most three eighths of windowPieces - 2, 24',
    ],
    [
      'patience without validation',
      'data: { validationShare: 0 }\ntraining: { patience: 2 }',
      'training.patience needs validation documents; data.validationShare is 0',
    ],
    [
      'a GPU for an engine without one',
      'backend: { engine: wasm, device: gpu }',
      'backend.device is gpu, and the engine wasm has none; set backend.engine to native, webgpu or auto',
    ],
    [
      'an engine on the GPU where that is to be left alone',
      'backend: { engine: webgpu, device: cpu }',
      'backend.device is cpu, and the engine webgpu computes on a GPU; set backend.engine to native, wasm or auto',
    ],
    [
      'bfloat16 on an engine that lacks it',
      'backend: { engine: webgpu, precision: bfloat16 }',
      'backend.precision is bfloat16, which the engine webgpu lacks; set it to float32, or backend.engine to native',
    ],
  ])('%s: told with their line', async (_, text, message) => {
    const error = await load(text).catch((error: Error) => error);
    expect((error as Error).message).toMatch(/my\.yaml:[23]: /);
    expect((error as Error).message.replace(/^.*my\.yaml:\d+: /, '')).toBe(message);
  });

  test('frozen layers are not checked where only the weights know how many there are', async () => {
    const { config } = await load('encoder: { weights: x }\ntraining: { epochs: { frozen: [11] } }');
    expect(config.training.epochs.frozen).toEqual([11]);
  });
});

test('a stride that a context makes idle need not fit the windows', async () => {
  const { config } = await load('data: { windowPieces: 40 }', 'data.windowContext=10');
  expect(config.data).toMatchObject({ windowPieces: 40, windowContext: 10 });
});
