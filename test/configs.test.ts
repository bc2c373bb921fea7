import { describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { commentedConfig } from '../src/config/commented.js';
import { loadConfig } from '../src/config/load.js';
import { configReference } from '../src/config/reference.js';
import { configSchema } from '../src/config/schema.js';
import { configOf } from '../src/experiment/config.js';
import { loadExperiment } from '../src/experiment/load.js';
import { pages } from './support/documentation.js';
import { temporaryFolders } from './support/temporaryFolder.js';

const folder = temporaryFolders();
const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

function yamlFiles(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name))
    .sort();
}

/** An experiment file, which lists runs, is no config. */
const isConfig = (file: string) => {
  const content = parse(read(file)) as object;
  return 'extends' in content || 'tasks' in content;
};
const listsRuns = (file: string) => 'variants' in (parse(read(file)) as object);

describe('shipped configs', () => {
  test.each([...yamlFiles('configs'), ...yamlFiles('experiments').filter(isConfig)])(
    '%s loads',
    async (file) => {
      const { config } = await loadConfig(join(root, file));
      expect(configSchema.parse(config)).toEqual(config);
    },
  );

  test.each(yamlFiles('experiments').filter(listsRuns))(
    '%s is an experiment, whose configs load with what it sets',
    async (file) => {
      const { runs } = await loadExperiment(join(root, file));
      expect(runs.length).toBeGreaterThan(1);
      for (const run of runs) expect((await configOf(run, [])).seed).toBe(run.seed);
    },
  );

  test.each(yamlFiles('configs/ablations'))('%s changes what it extends, and only little', async (file) => {
    const { extends: base, ...changes } = parse(read(file)) as Record<string, Record<string, object>>;
    expect(base).toBe('../default.yaml');
    const options = Object.values(changes).flatMap((section) => Object.keys(section));
    expect(options.length).toBeGreaterThan(0);
    expect(options.length).toBeLessThanOrEqual(2);
  });
});

describe('default.yaml', () => {
  test('has every option with the comment that the schema gives it (npm run docs writes them)', async () => {
    const { config } = await loadConfig(join(root, 'configs/default.yaml'));
    expect(read('configs/default.yaml')).toBe(commentedConfig(config));
  });

  test("has the schema's defaults but for the tasks, the corpus and the weights", async () => {
    const { config } = await loadConfig(join(root, 'configs/default.yaml'));
    const { tasks, data } = config;
    const defaults = configSchema.parse({ tasks, data: { corpus: data.corpus } });
    expect(config).toEqual({
      ...defaults,
      encoder: { ...defaults.encoder, weights: config.encoder.weights },
    });
  });
});

test('docs/configuration.md is what the schema says (npm run docs writes it)', () => {
  expect(read('docs/configuration.md')).toBe(configReference());
});

/** Every block of YAML that a page shows, with its place. */
const shown = pages(root).flatMap((page) =>
  [...read(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(({ 1: content = '', index }) => ({
    place: `${page}:${read(page).slice(0, index).split('\n').length}`,
    content,
  })),
);

describe('a block of YAML in the pages', () => {
  test.each(shown)('$place is a config or an experiment that loads', async ({ content }) => {
    const place = folder();
    for (const name of ['configs', 'experiments'])
      cpSync(join(root, name), join(place, name), { recursive: true });
    for (const name of ['default.yaml', 'my.yaml'])
      cpSync(join(root, 'configs/default.yaml'), join(place, name));
    const file = join(place, 'shown.yaml');
    const parsed = parse(content) as object;
    const isPart = !['tasks', 'extends', 'variants'].some((key) => key in parsed);
    writeFileSync(file, isPart ? `extends: default.yaml\n${content}` : content);
    if ('variants' in parsed) {
      const { runs } = await loadExperiment(file);
      for (const run of runs) expect((await configOf(run, [])).seed).toBe(run.seed);
      expect(runs).not.toEqual([]);
    } else expect((await loadConfig(file)).config.tasks).not.toEqual({});
  });
});
