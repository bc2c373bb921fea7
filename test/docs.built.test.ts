import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCorpus } from '../src/demo/generate.js';
import { writeDemoCorpus } from '../src/demo/write.js';
import { builtProgram } from './support/builtProgram.js';
import { tinyDistilbert, writeEncoderFolder } from './support/encoderFolder.js';
import { doingsOf, pages } from './support/documentation.js';
import { writeMedicines } from './support/medicines.js';
import { failureOf } from './support/shell.js';

const root = join(import.meta.dirname, '..');
const patient = 600_000; // ms, for a machine that has other things to do

/** What readers have: the project, corpora, a (tiny) pretrained model, notes, mentions. `npx meddoprof` is the built program. */
async function readersFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'meddoprof-docs-'));
  for (const name of ['configs', 'experiments']) symlinkSync(join(root, name), join(folder, name));
  const { corpus } = await writeDemoCorpus(join(folder, 'demo'), generateCorpus({ seed: 5, documents: 20 }));
  for (const name of ['ours', 'test']) cpSync(corpus, join(folder, 'corpora', name), { recursive: true });
  cpSync(join(corpus, 'task1'), join(folder, 'notes'), { recursive: true, filter: (file) => !file.endsWith('.ann') }); // prettier-ignore
  await writeMedicines(join(folder, 'corpora/farmacos'));
  const model = join(folder, 'models/distilbert-base-multilingual-cased');
  mkdirSync(model, { recursive: true });
  await writeEncoderFolder(model, { ...tinyDistilbert, max_position_embeddings: 512 });
  writeFileSync(join(folder, 'mentions.txt'), 'enfermera\n');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin/npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${builtProgram}" "$@"\n`,
  );
  chmodSync(join(folder, 'bin/npx'), 0o755);
  return folder;
}

const marked = pages(root)
  .map((page) => ({ page, doings: doingsOf(join(root, page)) }))
  .filter(({ doings }) => doings.length > 0);

test('the README and the docs have marked blocks', () => {
  expect(marked.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['README.md', 'docs/your-own-labels.md']),
  );
});

describe.each(marked)('$page', ({ doings }) => {
  let folder: string;
  beforeAll(async () => void (folder = await readersFolder()), patient);
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const doing of doings) {
    if ('file' in doing) {
      test(`line ${doing.line}: ${doing.file} is saved`, () => {
        mkdirSync(join(folder, doing.file, '..'), { recursive: true });
        writeFileSync(join(folder, doing.file), doing.content);
      });
      continue;
    }
    const isSkipped = doing.isSlow && !process.env.MEDDOPROF_SLOW_DOCS;
    const title = isSkipped ? 'is slow; MEDDOPROF_SLOW_DOCS=1 runs it' : 'runs as it stands';
    (isSkipped ? test.skip : test)(
      `line ${doing.line}: ${title}`,
      async () => {
        const path = `${join(folder, 'bin')}:${process.env.PATH}`;
        expect(await failureOf(doing.run, folder, path)).toBeUndefined();
      },
      patient,
    );
  }
});
