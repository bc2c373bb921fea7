import path from 'node:path';
import { mapBounded } from '../../files/bounded.js';
import { readLines } from '../../files/lines.js';
import { exists } from '../../files/text.js';
import { writeAtomically } from '../../files/write.js';
import type { Document } from '../document.js';
import { report } from '../fault.js';
import type { Tasks } from '../folders.js';
import { checkNames, writeNorm } from '../write.js';
import { tagColumns, type Row } from './columns.js';
import { documentsOf, type ListedDocument } from './documents.js';
import { filesOf, type CorpusFile } from './files.js';
import type { CorpusFormat, Reading } from './format.js';
import { readHashed } from './hash.js';
import { quoted } from './quoted.js';
import { isTag, spansOfTags, tagsOf } from './tags.js';
import { cutIntoTokens, findTokens, joinTokens, lostInTokens } from './tokens.js';

/**
 * Columns: a token a line, its tags behind it, an empty line after every sentence. A text beside the file, of the
 * same name, says where the tokens stand.
 */
export const conll: CorpusFormat = {
  description:
    'a line a token, with a column of tags (BIO; IO, BIOES and BILOU are read) for each task; a .conll file a document, beside its .txt',
  offsets: 'tokens',
  endings: ['.conll', '.bio', '.iob', '.iob2'],
  output: 'folder',
  read: (corpus, reading) => documentsOf(listed(corpus, reading), 'code points', corpus, reading),
  write,
  lost: lostInTokens,
};

async function* listed(corpus: string, reading: Reading): AsyncGenerator<ListedDocument> {
  for (const file of await filesOf(corpus, conll.endings)) {
    const beside = path.join(path.dirname(file.path), `${file.stem}.txt`);
    const hasText = beside !== file.path && (await exists(beside));
    const text = hasText ? await readHashed(beside, `${file.stem}.txt`, reading) : undefined;
    let [previous, number]: [Part | undefined, number] = [undefined, 0];
    const made = (part: Part, name: string) => listedOf(part, name, file.path, text, reading) ?? [];
    for await (const part of partsOf(file, reading)) {
      if (previous) yield* made(previous, numbered(file.stem, ++number));
      previous = part;
    }
    previous ??= { sentences: [] };
    yield* made(previous, number === 0 ? file.stem : numbered(file.stem, number + 1));
  }
}

const numbered = (stem: string, number: number) => `${stem}-${String(number).padStart(5, '0')}`;

/** A document's lines. */
interface Part {
  sentences: Row[][];
  line?: number;
}

/** What stands between lines that begin a document. */
async function* partsOf(file: CorpusFile, { hash }: Reading): AsyncGenerator<Part> {
  hash.update(`${file.name}\0`);
  let part: Part = { sentences: [] };
  let isBetween = true; // sentences
  for await (const { text, number } of readLines(file.path, { seen: (bytes) => hash.update(bytes) })) {
    const cells = cellsOf(text);
    if (cells[0] === '-DOCSTART-') {
      if (part.line !== undefined || part.sentences.length > 0) yield part;
      part = { sentences: [], line: number };
      isBetween = true;
    } else if (cells.length === 0) isBetween = true;
    else if (!isComment(cells)) {
      if (isBetween) part.sentences.push([]);
      isBetween = false;
      part.sentences.at(-1)!.push({ cells, line: number });
    }
  }
  if (part.line !== undefined || part.sentences.length > 0) yield part;
}

function cellsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(trimmed.includes('\t') ? /\t/ : / +/).map((cell) => cell.trim());
}

/** A line that begins with # is one, unless a tag stands behind it: then it is a token. */
const isComment = (cells: string[]) => cells[0]!.startsWith('#') && !isTag(cells.at(-1)!);

/** One document or, where something is wrong with it, none. */
function listedOf(
  { sentences, line }: Part,
  name: string,
  file: string,
  given: string | undefined,
  { tasks, faults, tolerant }: Reading,
): [ListedDocument] | undefined {
  const rows = sentences.flat();
  const columns = Object.keys(tasks).length === 0 ? [] : tagColumns(rows);
  if (!Array.isArray(columns)) {
    report(faults, { file, kind: 'fields', severity: 'error', ...columns }, tolerant);
    return undefined;
  }
  const words = sentences.map((sentence) => sentence.map(({ cells }) => cells[0]!));
  const joined = joinTokens(words);
  const text = given ?? joined.text;
  const tokens = given === undefined ? joined.tokens : findTokens(words.flat(), given);
  if (typeof tokens === 'number') {
    const message =
      tokens < rows.length
        ? `the token ${quoted(rows[tokens]!.cells[0]!)} does not come next in the text of ${name}.txt; move that away, and the tokens make the text.`
        : `the text of ${name}.txt goes on after the last token.`;
    report(faults, { file, line: (rows[tokens] ?? rows.at(-1))?.line, kind: 'text', severity: 'error', message }, tolerant); // prettier-ignore
    return undefined;
  }
  let before = 0; // tokens of the sentences before
  const spans = sentences.flatMap((sentence) => {
    const own = columns.flatMap((column) => spansOfTags(sentence.map(({ cells }) => cells[column]!)));
    const start = before;
    before += sentence.length;
    return own.map(({ label, first, last }) => ({
      label,
      start: tokens[start + first]!.start,
      end: tokens[start + last]!.end,
      line: sentence[first]!.line,
    }));
  });
  return [{ name, text, file, line, spans, codes: [] }];
}

async function write(out: string, documents: readonly Document[], tasks: Tasks): Promise<void> {
  checkNames(documents);
  await mapBounded(documents, 16, async ({ name, text, spans, codes }) => {
    const sentences = cutIntoTokens(text, [...Object.values(spans).flat(), ...codes]);
    const tokens = sentences.flat();
    const tags = Object.keys(tasks).map((task) => tagsOf(spans[task] ?? [], tokens));
    const rows = new Map(tokens.map(({ text: token }, i) => [tokens[i]!, [token, ...tags.map((own) => own[i]!)].join('\t')])); // prettier-ignore
    const lines = sentences.flatMap((sentence) => [...sentence.map((token) => rows.get(token)!), '']);
    await writeAtomically(path.join(out, `${name}.txt`), text);
    await writeAtomically(
      path.join(out, `${name}.conll`),
      ['-DOCSTART- -X- O O', '', ...lines, ''].join('\n'),
    );
  });
  await writeNorm(out, documents);
}
