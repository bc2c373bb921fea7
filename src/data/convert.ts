import type { CorpusFormatName } from '../config/choices.js';
import { InputError, UsageError } from '../errors.js';
import { checkFree } from '../files/free.js';
import { isBelow } from '../files/inside.js';
import { writeFolder } from '../files/write.js';
import { readCorpus, type Corpus, type CorpusOptions, type Tasks } from './corpus.js';
import { detectFormat } from './formats/detect.js';
import { count, type Counted } from './formats/format.js';
import { formats } from './formats/registry.js';

export interface Conversion {
  from: CorpusFormatName;
  to: CorpusFormatName;
  out: string;
  documents: number;
  /** Spans that were read, by task. */
  spans: Record<string, number>;
  codes: number;
  /** What the corpus has that is not read, by what it is. */
  passedOver: Counted;
  /** What was read that the format cannot hold. */
  lost: Counted;
}

/**
 * Writes a corpus in another format. `out` is there whole or not at all.
 * @throws UsageError where `out` is there already, or would be in the corpus; InputError as `readCorpus`, for a corpus in which no span has a label of a
 * task, and for a document that the format cannot hold
 */
export async function convertCorpus(
  corpus: string,
  out: string,
  { tasks, to, format: asked = 'auto', ...reading }: CorpusOptions & { tasks: Tasks; to: CorpusFormatName },
): Promise<{ conversion: Conversion; read: Corpus }> {
  const format = formats[to];
  await checkFree(out, format.output, 'OUT');
  if (isBelow(out, corpus))
    throw new UsageError(`${out} would be in the corpus ${corpus} itself: choose another OUT`);
  const from = asked === 'auto' ? await detectFormat(corpus, tasks, '--from') : asked;
  const read = await readCorpus(corpus, tasks, { ...reading, format: from });
  const { documents, passedOver } = read;
  const sum = (of: (document: Corpus['documents'][number]) => number) =>
    documents.reduce((total, document) => total + of(document), 0);
  const spans = Object.fromEntries(
    Object.keys(tasks).map((task) => [task, sum((document) => document.spans[task]!.length)]),
  );
  const unlisted = read.faults.filter(({ kind }) => kind === 'label');
  if (unlisted.length > 0 && Object.values(spans).every((number) => number === 0))
    throw new InputError(
      `No span of ${corpus} has a label of a task: ${unlisted.map(({ message }) => message).join(' ')} Name the labels with --labels, or tasks with --config.`,
    );
  const lost: Counted = {};
  for (const document of documents)
    for (const [what, number] of Object.entries(format.lost(document, tasks))) count(lost, what, number);
  if (format.output === 'folder') await writeFolder(out, (fresh) => format.write(fresh, documents, tasks));
  else await format.write(out, documents, tasks);
  const codes = sum((document) => document.codes.length);
  const conversion = {
    from: read.format,
    to,
    out,
    documents: documents.length,
    spans,
    codes,
    passedOver,
    lost,
  };
  return { conversion, read };
}
