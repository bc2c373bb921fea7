import { describe, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { smallestConfig, writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const load = (text: string, ...set: string[]) =>
  loadConfig(writeFiles(folder(), { 'my.yaml': text, 'base.yaml': smallestConfig }), { set });

describe('loadConfig', () => {
  test('fills in every default', async () => {
    const { config, name, files } = await load(smallestConfig);
    expect(config.training).toMatchObject({ batchSize: 16, epochs: { count: 4, rate: 5e-5 } });
    expect(config.encoder.random.hidden).toBe(64);
    expect(name).toBe('my');
    expect(files.map((file) => basename(file))).toEqual(['my.yaml']);
  });

  test('lays a config on the one it extends, option by option, lists replaced', async () => {
    const { config, files } = await load(
      'extends: base.yaml\ntasks: { ner: { labels: [JOB] } }\ntraining: { epochs: { rate: 1e-3 } }',
    );
    expect(config.tasks.ner).toEqual({ folder: 'task1', labels: ['JOB'] });
    expect(config.tasks.class!.folder).toBe('task2');
    expect(config.training.epochs).toMatchObject({ rate: 1e-3, count: 4 });
    expect(files.map((file) => basename(file))).toEqual(['base.yaml', 'my.yaml']);
  });

  test('takes extended files from the folder of the file that names them, over several steps', async () => {
    const top = folder();
    mkdirSync(join(top, 'ours'));
    writeFiles(top, { 'base.yaml': smallestConfig, 'middle.yaml': 'extends: base.yaml\nseed: 5' });
    const file = writeFiles(join(top, 'ours'), {
      'my.yaml': 'extends: ../middle.yaml\nmodel: { lstmUnits: 8 }',
    });
    const { config } = await loadConfig(file);
    expect(config).toMatchObject({ seed: 5, model: { lstmUnits: 8 }, data: { corpus: 'corpus' } });
  });

  test('takes a section whose lines are all commented out for an empty one', async () => {
    const { config } = await load(`${smallestConfig}training:\n  # batchSize: 8\nencoder:\n  random:\n`);
    expect(config.training.batchSize).toBe(16);
    expect(config.encoder.random.layers).toBe(2);
  });

  test('takes out a task or a threshold that is null', async () => {
    const { config } = await load(
      'extends: base.yaml\ntasks: { class: null }\ndecoding: { thresholds: { JOB: null, ACTIVITY: 0.3 } }',
    );
    expect(Object.keys(config.tasks)).toEqual(['ner']);
    expect(config.decoding.thresholds).toEqual({ ACTIVITY: 0.3 });
  });

  test('follows anchors', async () => {
    const { config } = await load(`${smallestConfig}model: { dropout: &d 0.25 }\nencoder: { dropout: *d }`);
    expect(config.encoder.dropout).toBe(0.25);
  });

  test('reads a file with a byte order mark and carriage returns', async () => {
    const { config } = await load(`\uFEFF${smallestConfig.replaceAll('\n', '\r\n')}seed: 7\r\n`);
    expect(config.seed).toBe(7);
  });
});

describe('--set', () => {
  test('overrides the file, later ones earlier ones', async () => {
    const { config } = await load('extends: base.yaml\nseed: 2', 'seed=3', 'training.batchSize=8', 'seed=4');
    expect(config).toMatchObject({ seed: 4, training: { batchSize: 8 } });
  });

  test('takes lists, mappings, null and text with an equals sign', async () => {
    const { config } = await load(
      smallestConfig,
      'normalization.embedding={kind: pooledEncoder, weight: 1, layers: [0, 2]}',
      'encoder.random={layers: 3}',
      'training.clipNorm=null',
      'data.corpus=a=b',
    );
    expect(config.normalization.embedding.layers).toEqual([0, 2]);
    expect(config.encoder).toMatchObject({ random: { layers: 3, hidden: 64 } });
    expect(config.training.clipNorm).toBeNull();
    expect(config.data.corpus).toBe('a=b');
  });
});
