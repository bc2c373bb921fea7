import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { createContext } from '../../src/context.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { saveNormalizer } from '../../src/normalize/folder.js';
import { openModels } from '../../src/predict/openModels.js';
import { predictFolder, type FolderOptions, type FolderPrediction } from '../../src/predict/predictFolder.js';
import { captureOutput } from './captureOutput.js';
import { writeFiles } from './corpus.js';
import { knowledge, normalizationSettings } from './normalization.js';
import { saveTinyModel } from './savedModel.js';

export const sentence = 'La paciente trabaja de enfermera en un hospital. ';
/** Documents with all that makes offsets go wrong. */
export const texts: Record<string, string> = {
  empty: '',
  blank: ' \n\n ',
  plain: sentence,
  bom: `\ufeff${sentence}`,
  crlf: 'Su padre es\r\nalbañil\r\ny ella, médica.\r\n',
  astral: `𝔸 😀 ${sentence}👩‍⚕️ médica 😀.`,
  combining: 'El me\u0301dico y la me\u0301dica.',
  long: sentence.repeat(20),
};

/** Puts what finds codes by words alone into the folder of a run or model. */
export async function savedNormalizer(home: string): Promise<void> {
  const settings = normalizationSettings({ classifier: { weight: 0 }, lexical: { ngrams: [1, 1] } });
  await saveNormalizer(
    join(home, 'normalizer'),
    await buildNormalizer(knowledge, settings, { seed: 1 }, createContext()),
  );
}

/** A saved model and a folder of texts. */
export async function modelAndTexts(folder: () => string, contents = texts) {
  const model = join(folder(), 'model');
  await saveTinyModel(model, 'tiny-distilbert');
  const input = writeFiles(
    folder(),
    Object.fromEntries(Object.entries(contents).map(([name, text]) => [`${name}.txt`, text])),
  );
  return { model, input, out: join(folder(), 'out') };
}

/** Predicts on a CPU without the command line. */
export async function predictInto(
  run: string,
  { set = [], ...options }: FolderOptions & { set?: string[] },
): Promise<FolderPrediction> {
  const models = await openModels([run], { device: 'cpu', batchSize: 4, set }, createContext());
  try {
    return await predictFolder(models, options, createContext());
  } finally {
    models.dispose();
  }
}

/** What the command prints, and its status. */
export async function predict(model: string, input: string, out: string, ...options: string[]) {
  const { value, ...output } = await captureOutput(() =>
    runProgram(['predict', model, '--input', input, '--out', out, ...options]),
  );
  return { ...output, status: value };
}

/** Label, offsets and text of each line of an .ann file. */
export function annotations(out: string, task: string, name: string) {
  const lines = readFileSync(join(out, task, `${name}.ann`), 'utf8')
    .split('\n')
    .filter(Boolean);
  return lines.map((line) => {
    const [, label, start, end, text] = /^T\d+\t(\S+) (\d+) (\d+)\t(.*)$/.exec(line)!;
    return { label: label!, start: Number(start), end: Number(end), text: text! };
  });
}
