import { afterEach, expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => void jest.restoreAllMocks());

/** Runs `meddoprof fetch` on a folder, twice where `again`, and gives what the last run wrote to stdout. */
async function run(options: string[], again = false): Promise<{ status: number; out: string; text: string }> {
  const from = folder();
  writeFileSync(join(from, 'config.json'), '{}');
  const out = join(folder(), 'tiny');
  let text = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const args = ['fetch', from, '--out', out, ...options];
  if (again) await runProgram(args);
  text = '';
  return { status: await runProgram(args), out, text };
}

test('says where the model is, what it has and where it is from', async () => {
  const { status, out, text } = await run([]);
  expect(status).toBe(0);
  expect(text).toMatch(new RegExp(`^${out} is there: 1 file, 2 B, from file:\\S+ \\(\\S+\\)\n$`));
});

test('says that it was there already', async () => {
  expect((await run([], true)).text).toMatch(/was there already; the checksums are right: 1 file/);
});

test('with --json gives the record for programs', async () => {
  const { text, out } = await run(['--json', '--quiet']);
  expect(JSON.parse(text)).toMatchObject({
    folder: out,
    already: false,
    files: { 'config.json': { size: 2 } },
  });
});
