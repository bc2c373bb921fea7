import { describe, expect, test } from '@jest/globals';
import { formatConfig } from '../../src/config/format.js';
import { loadConfig } from '../../src/config/load.js';
import { loadOverSmallest, smallestConfig, writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const load = (text: string, ...set: string[]) => loadOverSmallest(folder(), text, ...set);

describe('options without effect', () => {
  const schedule = 'training: { schedule: [{ windows: full, rate: 1e-5 }] }';

  test('are refused where they are laid over a schedule that overrides them', async () => {
    await expect(load(schedule, 'training.epochs.count=8')).rejects.toThrow(
      '--set training.epochs.count=8: training.epochs has no effect, because training.schedule is set; ' +
        'set that to null, or leave this out',
    );
  });

  test('are taken where the schedule is laid over them, or taken away', async () => {
    await expect(load(`${schedule.slice(0, -1)}, epochs: { count: 8 } }`)).resolves.toBeDefined();
    await expect(load(schedule, 'training.epochs.count=8', 'training.schedule=null')).resolves.toBeDefined();
  });

  test('are refused where weights decide the shape of the encoder', async () => {
    await expect(load('encoder: { weights: x }', 'encoder.random.layers=6')).rejects.toThrow(
      /^--set encoder\.random\.layers=6: encoder\.random has no effect, because encoder\.weights is set/,
    );
  });

  test.each([
    ['model: { trunk: none }', 'model.lstmUnits=8', 'model.trunk is none'],
    ['', 'model.spans.longest=8', 'model.head is sigmoid'],
    ['model: { head: spans }', 'model.scheme=BIO', 'model.head is spans'],
    ['model: { head: spans, spans: { agree: true } }', 'decoding.overlap=best', 'model.spans.agree is true'],
    ['', 'training.teacher.weight=0.7', 'training.teacher.runs is []'],
    [
      'model: { head: crf }',
      'decoding.threshold=0.7',
      'model.head is crf and decoding.paths is best; set decoding.paths to all, or leave this out',
    ],
    ['model: { head: crf }', 'decoding.pooling=max', 'model.head is crf; set that to another value'],
    ['model: { head: crf }\ndecoding: { paths: all }', 'decoding.pooling=max', 'model.head is crf'],
    ['', 'decoding.paths=all', 'model.head is sigmoid'],
    ['model: { head: crf }', 'decoding={thresholds: {JOB: 0.7}}', 'model.head is crf'],
    ['data: { split: x }', 'data.validationShare=0.3', 'data.split is set'],
    ['encoder: { vocabulary: x }', 'encoder.random.vocabularySize=99', 'encoder.vocabulary is set'],
    ['', 'encoder.layers=[0]', 'encoder.weights is null'],
    ['', 'augmentation.multiple=3', 'augmentation.labels is []'],
    ['', 'augmentation.scoring.window=3', 'augmentation.labels is []'],
    ['augmentation: { corpus: x }', 'augmentation.tries=3', 'augmentation.corpus is set'],
    ['augmentation: { labels: [JOB], count: 3 }', 'augmentation.multiple=3', 'augmentation.count is set'],
    [
      'training: { epochs: { frozenEpochs: null } }',
      'training.epochs.frozenEpochs=1',
      'training.epochs.frozen is []',
    ],
    [
      'training: { epochs: { pattern: [positive] } }',
      'training.epochs.negatives=0.5',
      'training.epochs.pattern is',
    ],
    ['data: { windowContext: 20 }', 'data.windowStride=64', 'data.windowContext is set'],
    ['data: { windowContext: 20 }', 'decoding.windowStride=64', 'data.windowContext is set'],
    ['model: { head: crf }', 'training={labelWeights: {JOB: 2}}', 'model.head is crf'],
    [
      'training: { rateDecay: linear }',
      'training.epochs.decay=0.5',
      'training.rateDecay is linear; set that to another value',
    ],
    [
      'training: { epochs: { frozen: encoder } }',
      'training.layerRateFactor=0.9',
      'the encoder is frozen in every epoch; train some of it',
    ],
    [
      'training: { epochs: { frozen: encoder } }',
      'encoder.dropout=0.2',
      'the encoder is frozen in every epoch; train some of it',
    ],
    [
      'training: { schedule: [{ windows: full, rate: 1e-5, frozen: encoder }] }',
      'encoder.attentionDropout=0.2',
      'the encoder is frozen in every epoch; train some of it',
    ],
    [
      'training: { epochs: { frozen: encoder } }',
      'training.maskedShare=0.1',
      'what a frozen encoder says is kept; set training.cacheFrozen to false',
    ],
    [
      'training: { epochs: { frozen: [embeddings] } }',
      'training.adversarialEpsilon=1',
      'the embeddings are frozen in every epoch; train them',
    ],
    ['', 'training.cachePrecision=float16', 'the encoder is not frozen in every epoch'],
    [
      'training: { cacheFrozen: false, epochs: { frozen: encoder } }',
      'training.cacheFolder=x',
      'training.cacheFrozen is false',
    ],
    ['', 'normalization.embedding.prefix=query', 'normalization.embedding.weight is 0'],
    ['', 'normalization.lexical.votePower=3', 'normalization.lexical.neighbours is null'],
    ['data: { norm: none }', 'normalization.threshold=1', 'data.norm is none and data.codes is null'],
    ['backend: { engine: wasm }', 'backend.compile=true', 'backend.engine is wasm'],
  ])('%s: %s is refused', async (text, setting, because) => {
    const error: Error = await load(text, setting).then(
      () => new Error('taken'),
      (thrown: Error) => thrown,
    );
    expect(error.message).toContain(`--set ${setting}: `);
    expect(error.message).toContain(` has no effect, because ${because}`);
  });

  test('are taken where they are idle in the file that decides it, or switch something off', async () => {
    await expect(load('model: { head: crf }\ndecoding: { threshold: 0.7 }')).resolves.toBeDefined();
    await expect(load('decoding: { threshold: 0.7 }', 'model.head=crf')).resolves.toBeDefined();
    await expect(
      load('model: { head: crf }\ndecoding: { paths: all }', 'decoding.threshold=0.7'),
    ).resolves.toBeDefined();
    await expect(load('model: { head: crf }', 'decoding.calibration={JOB: 2}', 'decoding.codeCalibration=3')).resolves.toBeDefined(); // prettier-ignore
    await expect(load('', 'augmentation.count=null', 'model.spans.agree=false')).resolves.toBeDefined();
  });

  test('are taken where they drop no unit of a frozen encoder', async () => {
    const frozen = 'training: { epochs: { frozen: encoder } }';
    await expect(load(frozen, 'encoder.dropout=0', 'encoder.attentionDropout=0')).resolves.toBeDefined();
  });

  test('are taken where it is pretraining that they are for', async () => {
    const frozen = 'training: { epochs: { frozen: encoder } }';
    const file = writeFiles(folder(), { 'a.yaml': `${smallestConfig}${frozen}\n` });
    const set = ['encoder.dropout=0.2', 'encoder.attentionDropout=0.2'];
    await expect(loadConfig(file, { set, pretrains: true })).resolves.toBeDefined();
  });

  test('are taken of a resolved config, which has every option', async () => {
    const { config } = await load('model: { head: crf, trunk: none }');
    const file = writeFiles(folder(), { 'config.yaml': formatConfig(config) });
    expect((await loadConfig(file)).config).toEqual(config);
  });
});
