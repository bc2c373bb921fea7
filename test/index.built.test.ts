import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { generateCorpus } from '../src/demo/generate.js';
import { writeDemoCorpus } from '../src/demo/write.js';
import { writeFinishedRun } from './support/finishedRun.js';
import { root } from './support/sources.js';
import { temporaryFolders } from './support/temporaryFolder.js';
import { tinyConfig } from './support/tinyRun.js';

const folder = temporaryFolders();

/** Has every import of TensorFlow.js refused in the process that it is given to. */
const refuseTensorflow = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export function resolve(name, context, next) {
      if (name.startsWith('@tensorflow')) throw new Error('loads ' + name);
      return next(name, context);
    }\`));
`)}`;

/** Runs a program that imports the built library, and returns what it prints. */
function run(program: string): string {
  const library = join(root, 'dist/index.js');
  const imports = `import * as library from ${JSON.stringify(library)};\n`;
  const options = ['--import', refuseTensorflow, '--input-type=module', '--eval', imports + program];
  return execFileSync(process.execPath, options, { encoding: 'utf8' });
}

test('reading a corpus, scoring, comparing and reporting load no TensorFlow, and to open a model does', async () => {
  const home = folder();
  const { corpus, split } = await writeDemoCorpus(home, generateCorpus({ seed: 3, documents: 12 }));
  const config = tinyConfig({ data: { corpus, split } });
  const [one, other] = [join(home, 'one'), join(home, 'other')];
  await writeFinishedRun(config, { folder: one });
  await writeFinishedRun(
    { ...config, model: { ...config.model, scheme: 'BIO' } },
    { folder: other, skill: 40 },
  );
  const program = `
    const { config } = await library.loadConfig(${JSON.stringify(join(one, 'config.yaml'))});
    const { documents } = await library.readCorpus(config.data.corpus, config.tasks);
    const { evaluation } = await library.evaluate({
      task: 'ner',
      gold: ${JSON.stringify(corpus)},
      predictions: ${JSON.stringify(join(one, 'predictions'))},
      split: config.data.split,
    });
    const { variants } = await library.compare(${JSON.stringify([one, other])}, { resamples: 100, permutations: 100 });
    await library.report(${JSON.stringify(one)});
    const runs = await library.listRuns(${JSON.stringify(home)});
    const made = await library.makeDemoCorpus(${JSON.stringify(join(home, 'made'))}, { documents: 2 });
    const texts = [];
    for await (const text of library.readTexts(made.corpus + '/task1')) texts.push(text);
    const refused = await library.openModel('nowhere').catch((error) => error.message);
    console.log(JSON.stringify([documents.length, evaluation.f1 > 0.5, variants.length, runs.length, texts.length, refused]));
  `;
  expect(JSON.parse(run(program))).toEqual([12, true, 2, 2, 2, 'loads @tensorflow/tfjs-core']);
}, 120_000);
