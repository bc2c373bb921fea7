import type { CorpusFormatName } from '../config/choices.js';
import { codePoints } from '../data/codepoints.js';
import { readCorpus } from '../data/corpus.js';
import { detectFormat } from '../data/formats/detect.js';
import type { ScoredSpan } from './spans.js';

/**
 * Reads annotations of another format than brat's: every span of these labels, as `convert` would write it for the scorer;
 * only some `documents` where they are given; of a format that is `given`, or told by the files. With the documents' texts. Undefined for what is brat's, or nothing.
 * @throws InputError as `readCorpus`; UsageError where a file's name does not tell its format
 */
export async function readOtherFormat(
  path: string,
  labels: readonly string[],
  documents: ReadonlySet<string> | undefined,
  given?: CorpusFormatName,
): Promise<{ spans: Map<string, ScoredSpan[]>; texts: Map<string, string> } | undefined> {
  const format = given ?? (await detectFormat(path, {}, '--format'));
  if (format === 'brat') return undefined;
  const tasks = { scored: { folder: '.', labels: [...labels] } };
  const read = await readCorpus(path, tasks, { format, norm: 'none' });
  const own = read.documents.filter(({ name }) => documents?.has(name) ?? true);
  const spansOf = ({ text, spans }: (typeof own)[number]) => {
    const points = codePoints(text);
    return spans.scored!.map((span) => ({
      ...span,
      offsets: `${span.start} ${span.end}`,
      text: points.slice(span.start, span.end),
    }));
  };
  return {
    spans: new Map(own.map((document) => [document.name, spansOf(document)])),
    texts: new Map(own.map(({ name, text }) => [name, text])),
  };
}
