import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../support/sources.js';
import { writeFiles } from '../../support/corpus.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();

/** In the process that it is given to, the package is not there. */
const withoutPackage = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export function resolve(name, context, next) {
      if (name !== '@tensorflow-models/universal-sentence-encoder') return next(name, context);
      throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    }\`));
`)}`;

test('a Universal Sentence Encoder whose package is not installed is a sentence with the command that installs it', () => {
  const model = { modelTopology: {}, weightsManifest: [{ paths: [], weights: [] }] };
  const weights = writeFiles(folder(), { 'model.json': JSON.stringify(model), 'vocab.json': '[["a", 1]]' });
  const program = `
    import { universalSentenceEncoder } from ${JSON.stringify(join(root, 'dist/normalize/embedders/universalSentenceEncoder.js'))};
    const source = await universalSentenceEncoder(${JSON.stringify(weights)});
    console.log(await source.open().catch((error) => error.name + ': ' + error.message));`;
  const options = ['--import', withoutPackage, '--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, options, { encoding: 'utf8' })).toBe(
    'InputError: The embedder universalSentenceEncoder needs a package that is not installed: npm install --legacy-peer-deps @tensorflow-models/universal-sentence-encoder@1.3.3\n',
  );
});
