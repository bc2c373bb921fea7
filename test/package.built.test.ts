import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { root } from './support/sources.js';

describe('the package that is packed', () => {
  let tarball: Uint8Array;
  const folder = mkdtempSync(join(tmpdir(), 'meddoprof-package-'));
  beforeAll(() => {
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as [
      { filename: string },
    ];
    tarball = new Uint8Array(readFileSync(join(folder, packed.filename)));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is one that publint has nothing to say of', async () => {
    const { messages } = await publint({ pack: { tarball: tarball.buffer as ArrayBuffer }, strict: true });
    expect(messages).toEqual([]);
  }, 60_000);

  test('has types that are found, and are those of its code, wherever ES modules are', async () => {
    const checked = await checkPackage(createPackageFromTarballData(tarball));
    if (!checked.types) throw new Error('the package has no types');
    expect(Object.keys(checked.entrypoints)).toEqual(['.', './internal', './package.json']);
    // it is no CommonJS package: those who cannot import ES modules are not asked
    const asked = checked.problems.filter(
      (problem) => !('resolutionKind' in problem) || !/^node10$|^node16-cjs$/.test(problem.resolutionKind),
    );
    expect(asked).toEqual([]);
  }, 60_000);
});
