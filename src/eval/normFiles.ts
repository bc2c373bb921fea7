import { lookalikeHint, lookalikes } from '../data/names.js';
import { InputError } from '../errors.js';
import { evaluateNorm } from './evaluation.js';
import type { FileEvaluation } from './folders.js';
import { selectNorm } from './norm.js';
import { findUnscorable, unscorableNotices } from './unscorable.js';
import { checkNormTables, readNormTable, readValidCodes, type NormTable } from './normTable.js';

/**
 * Evaluates a table of codes against another as the official scorer does; without a table of valid codes
 * every code is one. Only some `documents` where they are given: codes of the others count as seen in training.
 * @throws InputError where the official scorer fails: see `readNormTable`, `checkNormTables` and
 * `readValidCodes`; and where no prediction is left that is in a gold document and has a valid code.
 */
export async function evaluateNormFiles(
  goldFile: string,
  predictedFile: string,
  codesFile?: string,
  { examples = 0, documents }: { examples?: number; documents?: ReadonlySet<string> } = {},
): Promise<FileEvaluation> {
  const goldTable = await readNormTable(goldFile);
  const gold = rowsOf(goldTable, documents);
  const predicted = rowsOf(await readNormTable(predictedFile), documents);
  checkNormTables(gold, predicted);
  const validCodes = codesFile === undefined ? undefined : await readValidCodes(codesFile);
  const { gold: goldRows, unknownFiles, invalidCodes } = selectNorm(gold.rows, predicted.rows, validCodes);
  const hint = unknownFiles > 0 ? formsHint(gold, predicted) : '';
  if (unknownFiles === predicted.rows.length)
    throw new InputError(
      `${predictedFile}: no row is of a document of ${goldFile}; the file names must be the gold's, without .txt or .ann.${hint}`,
    );
  if (unknownFiles + invalidCodes === predicted.rows.length)
    throw new InputError(
      `${predictedFile}: no row has a code that is in ${codesFile}; codes must be written as there.`,
    );

  const notices: string[] = [];
  for (const { file, headless } of [gold, predicted])
    if (headless)
      notices.push(`${file}: the first line looks like data, but counts as the header: not scored.`);
  if (codesFile === undefined)
    notices.push('Without a table of valid codes (--codes) every code counts as one.');
  if (unknownFiles > 0)
    notices.push(`Predictions in documents that the gold lacks, ignored: ${unknownFiles}.${hint}`);
  if (invalidCodes > 0) notices.push(`Predictions with a code that is not valid, ignored: ${invalidCodes}.`);
  const unscorable = findUnscorable(goldRows.values(), validCodes);
  const lost = unscorableNotices(goldFile, unscorable, goldRows.size, codesFile);
  const others = goldTable.rows.filter(({ filename }) => !documents?.has(filename));
  const seenCodes = documents && others.length > 0 ? new Set(others.map(({ code }) => code)) : undefined;
  return {
    evaluation: evaluateNorm(gold.rows, predicted.rows, validCodes, { examples, seenCodes }),
    notices: [...notices, ...lost],
  };
}

/** Predictions may have the gold's names to the eye only. */
function formsHint(gold: NormTable, predicted: NormTable): string {
  const goldOf = lookalikes(gold.rows.map(({ filename }) => filename));
  const own = predicted.rows.find(({ filename }) => goldOf(filename) !== undefined);
  return own ? lookalikeHint(own.filename, `For ${own.filename} the gold`) : '';
}

function rowsOf(table: NormTable, documents: ReadonlySet<string> | undefined): NormTable {
  return { ...table, rows: table.rows.filter(({ filename }) => documents?.has(filename) ?? true) };
}
