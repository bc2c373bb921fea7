import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCorpus } from '../src/demo/generate.js';
import { writeDemoCorpus } from '../src/demo/write.js';
import { writeFiles } from './support/corpus.js';
import { doingsOf } from './support/documentation.js';
import { root } from './support/sources.js';

const patient = 600_000; // ms, for a machine that has other things to do
const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const programs = doingsOf(join(root, 'docs/library.md')).flatMap((doing) => ('file' in doing ? [doing] : []));

/** An empty strict project, with a corpus, and the programs of docs/library.md. */
async function emptyProject(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'meddoprof-library-'));
  const demo = join(folder, 'demo');
  const { corpus } = await writeDemoCorpus(demo, generateCorpus({ seed: 5, documents: 100 }));
  cpSync(corpus, join(folder, 'corpora/ours'), { recursive: true });
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: 'ES2022',
    lib: ['ES2022'],
    types: ['node'],
    skipLibCheck: false,
    verbatimModuleSyntax: true,
  };
  const config = (more: object) =>
    JSON.stringify({ compilerOptions: { ...options, ...more }, include: ['*.ts'] });
  writeFiles(folder, {
    'package.json': '{ "name": "empty", "private": true, "type": "module" }',
    'tsconfig.node16.json': config({ module: 'Node16', moduleResolution: 'Node16' }),
    'tsconfig.bundler.json': config({ module: 'ES2022', moduleResolution: 'bundler', noEmit: true }),
    ...Object.fromEntries(programs.map(({ file, content }) => [file, content])),
  });
  return folder;
}

/** What TypeScript says of the project; nothing where all is right. */
function faults(folder: string, resolution: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  try {
    return run(process.execPath, [compiler, '-p', `tsconfig.${resolution}.json`], folder);
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** The types of Node, which a project has of its own. */
function linkNodeTypes(folder: string): void {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    if (!existsSync(join(folder, 'node_modules', name)))
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
}

/** What each program of the page must do in the project. */
function programsWork(folder: () => string): void {
  for (const resolution of ['node16', 'bundler'])
    test(
      `compile in a strict project, by moduleResolution ${resolution}`,
      () => {
        expect(faults(folder(), resolution)).toBe('');
      },
      patient,
    );

  test(
    'train, and find what the page says',
    () => {
      const trained = run(process.execPath, ['train.js'], folder()).trim().split('\n');
      expect(trained.map((line) => line.split(' ').length)).toEqual([2, 2, 2, 2, 1]);
      const found = run(process.execPath, ['find.js'], folder());
      expect(found).toContain("[ 'ner', 'class' ]");
      expect(found).toContain('2221.1 [');
      expect(run(process.execPath, ['score.js'], folder())).toMatch(/^[\d.]+ [\d.]+ [\d.]+ \[/);
    },
    patient,
  );

  test(
    'stop after three steps, and go on from there',
    () => {
      const program = `
      import { createContext, Interrupted, loadConfig, train } from 'meddoprof';
      const { config } = await loadConfig('runs/first/config.yaml');
      const stop = new AbortController();
      const steps = [];
      const take = async (resume, most, context) => {
        for await (const event of train(config, { folder: 'runs/three', resume }, context)) {
          if (event.kind === 'step') steps.push(event.progress.step);
          if (steps.length === most) stop.abort();
        }
      };
      const error = await take(false, 3, createContext({ signal: stop.signal })).catch((error) => error);
      console.log(error instanceof Interrupted, steps.join());
      await take(true);
      console.log(steps.every((step, i) => step === i + 1) && steps.length > 3);`;
      writeFiles(folder(), { 'three.mjs': program });
      expect(run(process.execPath, ['three.mjs'], folder())).toBe('true 1,2,3\ntrue\n');
    },
    patient,
  );
}

test('docs/library.md has programs', () => {
  expect(programs.map(({ file }) => file)).toEqual(['train.ts', 'find.ts', 'score.ts']);
});

describe('the programs of docs/library.md, with the package as it is here', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await emptyProject();
    linkNodeTypes(folder);
    symlinkSync(root, join(folder, 'node_modules/meddoprof'));
  }, patient);
  afterAll(() => rmSync(folder, { recursive: true }));
  programsWork(() => folder);
});

/** Whether npm's registry answers: without it a package cannot be installed with what it needs. */
function registryAnswers(): boolean {
  try {
    return (
      run('npm', ['view', 'picocolors', 'version', '--fetch-retries=0', '--fetch-timeout=5000'], root) !== ''
    );
  } catch {
    return false;
  }
}

const answers = registryAnswers();
(answers ? describe : describe.skip)(
  `the same with the package that is packed and installed${answers ? '' : ' (no registry answers)'}`,
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = await emptyProject();
      run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root);
      const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
      run('npm', ['install', `./${tarball}`], folder);
      linkNodeTypes(folder);
    }, patient);
    afterAll(() => rmSync(folder, { recursive: true }));
    programsWork(() => folder);

    test(
      'has the command line',
      () => {
        expect(run(process.execPath, ['node_modules/meddoprof/bin/meddoprof.js', 'train', '--dry-run', '--json', 'runs/first/config.yaml'], folder)).toContain('"piecesInUse"'); // prettier-ignore
      },
      patient,
    );
  },
);
