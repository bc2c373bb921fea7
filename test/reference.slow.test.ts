import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/sources.js';
import { temporaryFolders } from './support/temporaryFolder.js';

const folder = temporaryFolders();
const page = join(root, 'docs/reference/README.md');

test("docs/reference is what the library's comments say, of every function, parameter and type (npm run reference writes it)", async () => {
  const out = folder();
  const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
  execFileSync(process.execPath, [typedoc, '--out', out], { cwd: root, stdio: 'pipe' }); // fails where one has none
  expect(readFileSync(join(out, 'README.md'), 'utf8')).toBe(readFileSync(page, 'utf8'));
}, 180_000);
