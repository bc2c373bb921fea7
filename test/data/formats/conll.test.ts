import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus } from '../../../src/data/corpus.js';
import type { Document, Span } from '../../../src/data/document.js';
import { conll } from '../../../src/data/formats/conll.js';
import { InputError } from '../../../src/errors.js';
import { anyDocuments } from '../../support/anyCorpus.js';
import { document, twoTasks, writeFiles } from '../../support/corpus.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();
const tasks = { ner: { folder: '.', labels: ['PER', 'LOC'] } };

/** Reads files of columns; messages have `…` for their folder. */
async function read(files: Record<string, string>, options = {}) {
  const corpus = writeFiles(folder(), files);
  try {
    return await readCorpus(corpus, tasks, { format: 'conll', ...options });
  } catch (error) {
    if (error instanceof InputError) error.message = error.message.replaceAll(corpus, '…');
    throw error;
  }
}

const shown = ({ text, spans }: Document) =>
  Object.values(spans)
    .flat()
    .map(({ label, start, end }) => `${label} ${[...text].slice(start, end).join('')}`);

const columns = (...lines: string[]) => lines.map((line) => line.replaceAll(' ', '\t')).join('\n');

describe('columns', () => {
  test.each([
    ['BIO', 'Ana B-PER\nde I-PER\nSoto I-PER\nBo B-PER\nva O\na O\nLima B-LOC\n'],
    [
      'BIO where B parts neighbours only',
      'Ana I-PER\nde I-PER\nSoto I-PER\nBo B-PER\nva O\na O\nLima I-LOC\n',
    ],
    ['BIOES', 'Ana B-PER\nde I-PER\nSoto E-PER\nBo S-PER\nva O\na O\nLima S-LOC\n'],
    ['BILOU', 'Ana B-PER\nde I-PER\nSoto L-PER\nBo U-PER\nva O\na O\nLima U-LOC\n'],
    [
      'tabs, CR LF and a byte order mark',
      '\ufeffAna\tB-PER\r\nde\tI-PER\r\nSoto\tI-PER\r\nBo\tB-PER\r\nva\tO\r\na\tO\r\nLima\tB-LOC',
    ],
    [
      'columns between',
      'Ana NNP B-NP B-PER\nde IN I-NP I-PER\nSoto NNP I-NP I-PER\nBo NNP B-NP B-PER\nva V O O\na IN O O\nLima NNP B-NP B-LOC\n',
    ],
  ])('are read by %s', async (_, content) => {
    const { documents } = await read({ 'a.conll': content });
    expect(documents[0]!.text).toBe('Ana de Soto Bo va a Lima');
    expect(shown(documents[0]!)).toEqual(['PER Ana de Soto', 'PER Bo', 'LOC Lima']);
  });

  test('with labels that have no prefix are read by IO', async () => {
    const { documents } = await read({ 'a.conll': 'Ana PER\nSoto PER\nva O\nLima LOC\n' });
    expect(shown(documents[0]!)).toEqual(['PER Ana Soto', 'LOC Lima']);
  });

  test('of several tasks give each span to the tasks that list its label', async () => {
    const corpus = writeFiles(folder(), { 'a.conll': columns('Ana B-A O', 'médica B-B B-X', '') });
    const [read] = (await readCorpus(corpus, twoTasks)).documents;
    expect(read).toEqual(document('a', 'Ana médica', { ner: [['A', 'Ana'], ['B', 'médica']], class: [['X', 'médica']] })); // prettier-ignore
  });

  test('make a line of every sentence, and end spans with it', async () => {
    const { documents } = await read({ 'a.conll': 'Ana B-PER\n\n\nSoto I-PER\n\n' });
    expect(documents[0]!.text).toBe('Ana\nSoto');
    expect(shown(documents[0]!)).toEqual(['PER Ana', 'PER Soto']);
  });

  test('have a document from each -DOCSTART- on, numbered where there are several', async () => {
    const start = '-DOCSTART- -X- O O\n\n';
    const one = await read({ 'a.conll': `${start}Ana B-PER\n`, 'b.bio': 'Bo B-PER\n' });
    expect(one.documents.map(({ name, text }) => [name, text])).toEqual([['a', 'Ana'], ['b', 'Bo']]); // prettier-ignore
    const several = await read({ 'a.conll': `${start}Ana B-PER\n${start}${start}Bo O\n` });
    expect(several.documents.map(({ name, text }) => [name, text])).toEqual([
      ['a-00001', 'Ana'],
      ['a-00002', ''],
      ['a-00003', 'Bo'],
    ]);
  });

  test('have comments, which are no tokens, and # as a token', async () => {
    const { documents } = await read({ 'a.conll': '# sent_id = 1\n# O\nAna B-PER\n' });
    expect(documents[0]!.text).toBe('# Ana');
  });

  test('take their offsets from a text beside them', async () => {
    const text = '\ufeffDoña  Ana\u00ad\n\t(de Lima).\n';
    const { documents } = await read({ 'a.txt': text, 'a.conll': columns('Doña O', 'Ana B-PER', '( O', 'de O', 'Lima B-LOC', ') O', '. O') }); // prettier-ignore
    expect(documents[0]!.text).toBe(text);
    expect(documents[0]!.spans.ner).toEqual([
      { label: 'PER', start: 7, end: 10 },
      { label: 'LOC', start: 17, end: 21 },
    ]);
  });
});

describe('columns that are wrong', () => {
  test.each([
    ['Ana B-PER\nva\n', '…/a.conll:2: columns: 1, and 2 in line 1; every token has as many.'],
    ['Ana\n', '…/a.conll:1: one column only; the tags stand behind the token, after a tab or a blank.'],
    [
      'Ana B-PER\nva O\nLima LOC\n',
      '…/a.conll:3: the tag "LOC" is neither O nor a label with B-, I-, E-, S-, L- or U- before it.',
    ],
  ])('%j', async (content, message) => {
    await expect(read({ 'a.conll': content })).rejects.toThrow(new InputError(message));
    const { faults } = await read({ 'a.conll': content }, { tolerant: true });
    expect(faults).toMatchObject([{ severity: 'error' }]);
  });

  test('because the text beside them is another one', async () => {
    await expect(read({ 'a.txt': 'Ana va', 'a.conll': 'Ana O\nvino O\n' })).rejects.toThrow(
      '…/a.conll:2: the token "vino" does not come next in the text of a.txt',
    );
    await expect(read({ 'a.txt': 'Ana va', 'a.conll': 'Ana O\n' })).rejects.toThrow(
      '…/a.conll:1: the text of a.txt goes on after the last token.',
    );
  });

  test('in a message no longer than a person reads', async () => {
    await expect(read({ 'a.txt': 'Ana', 'a.conll': `${'x'.repeat(5000)} O\n` })).rejects.toThrow(
      /^.{100,300}$/,
    );
  });

  test('because they are of another encoding', async () => {
    const corpus = writeFiles(folder(), { 'a.conll': Buffer.from('Ana B-PER\nmédica O\n', 'latin1') });
    await expect(readCorpus(corpus, tasks)).rejects.toThrow('a.conll:2: not UTF-8 at byte 1 (0xe9)');
  });

  test('because two documents have one name', async () => {
    await expect(read({ 'a.conll': 'Ana O\n', 'a.bio': 'Ana O\n' })).rejects.toThrow(
      '…/a.conll: the document a stands in …/a.bio too; rename one.',
    );
  });

  test('because no task lists their labels, which is told with their number', async () => {
    const { faults, passedOver } = await read({ 'a.conll': 'Ana B-ORG\nBo B-ORG\n' });
    expect(faults.map(({ message }) => message)).toEqual(['2 spans have the label "ORG", which no task lists; ignored.']); // prettier-ignore
    expect(passedOver).toEqual({ 'spans of labels that no task lists': 2 });
  });
});

describe('a corpus in columns', () => {
  test('looks as the tools want it', async () => {
    const out = folder();
    const text = 'La exenfermera,\nAna.\n';
    await conll.write(
      out,
      [document('a', text, { ner: [['A', 'enfermera,\nAna']], class: [['X', 'Ana']] })],
      twoTasks,
    );
    expect(readFileSync(join(out, 'a.conll'), 'utf8')).toBe(
      ['-DOCSTART- -X- O O', '', 'La\tO\tO', 'ex\tO\tO', 'enfermera\tB-A\tO', ',\tI-A\tO', 'Ana\tI-A\tB-X', '.\tO\tO', '', ''].join('\n'), // prettier-ignore
    );
    expect(readdirSync(out).sort()).toEqual(['a.conll', 'a.txt']);
  });

  test('has no byte order marks, which its readers would take for blanks, and tells of spans that lose them', async () => {
    const out = folder();
    const spans: Span[] = [
      { label: 'A', start: 1, end: 2 },
      { label: 'A', start: 5, end: 7 },
    ];
    const marked: Document = { ...document('a', 'a\ufeffb, \ufeffc.'), spans: { ner: spans, class: [] } };
    await conll.write(out, [marked], twoTasks);
    const [again] = (await readCorpus(out, twoTasks)).documents;
    expect(again!.spans.ner).toEqual([{ label: 'A', start: 6, end: 7 }]);
    expect(conll.lost(marked, twoTasks)).toEqual({
      'spans without a word': 1,
      'spans with white space at their ends, which goes': 1,
    });
  });

  /** How many spans of a task one tag a token leaves out: by brute force. */
  function overlapping(spans: readonly Span[]): number {
    const kept: Span[] = [];
    for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end))
      if (kept.every(({ end }) => end <= span.start)) kept.push(span);
    return spans.length - kept.length;
  }

  test('comes back as it was, but for what it counts as lost', async () => {
    await fc.assert(
      fc.asyncProperty(anyDocuments, async (documents) => {
        const out = folder();
        await conll.write(out, documents, twoTasks);
        const again = (await readCorpus(out, twoTasks)).documents;
        for (const [i, document] of documents.entries()) {
          const lost = conll.lost(document, twoTasks);
          const { spans, ...rest } = again[i]!;
          const { spans: before, ...restBefore } = document;
          expect(rest).toEqual(restBefore);
          if (Object.keys(lost).length === 0) expect(spans).toEqual(before);
          const overlaps = lost['spans that overlap others of their task'] ?? 0;
          expect(overlaps).toBe(overlapping(before.ner!) + overlapping(before.class!));
          const number = (own: Document['spans']) => Object.values(own).flat().length;
          expect(number(before) - number(spans)).toBe(overlaps + (lost['spans without a word'] ?? 0));
          for (const task of ['ner', 'class'])
            for (const { label, start, end } of spans[task]!)
              expect(before[task]!.some((span) => span.label === label && isButUnseen(span, { start, end }, document.text))).toBe(true); // prettier-ignore
        }
      }),
      { numRuns: 50 },
    );
  });

  /** Whether only white space and what is not seen stands between a span's ends and those of one inside of it. */
  function isButUnseen(span: Omit<Span, 'label'>, inside: Omit<Span, 'label'>, text: string): boolean {
    const points = [...text];
    const outside = [...points.slice(span.start, inside.start), ...points.slice(inside.end, span.end)];
    return span.start <= inside.start && inside.end <= span.end && outside.every((point) => /[\s\p{C}]/u.test(point)); // prettier-ignore
  }
});
