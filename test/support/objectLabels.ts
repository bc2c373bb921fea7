import { document, writeFiles } from './corpus.js';
import { formatAnnotations } from '../../src/data/brat.js';

/** Names that every object of JavaScript has something for. */
export const objectLabels = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];

const words = ['albañil', 'pintora', 'enfermero', 'cocinera'];

/** Writes a corpus of one task in which each label has a word of its own; names of documents, too, may be such labels. */
export function writeLabelled(
  corpus: string,
  labels: readonly string[],
  names: readonly string[] = [],
): void {
  const files = Array.from({ length: 16 }, (_, i) => {
    const text = `Caso ${i}. Trabaja de ${words[i % 4]}.\nAntes fue ${words[(i + 1) % 4]}, dice.\n`;
    const mention = (n: number): [string, string] => [labels[n % 4]!, words[n % 4]!];
    const { name, spans } = document(names[i] ?? `d${i}`, text, { ner: [mention(i), mention(i + 1)] });
    return [
      [`task1/${name}.txt`, text],
      [`task1/${name}.ann`, formatAnnotations(spans.ner!, text)],
    ];
  });
  writeFiles(corpus, Object.fromEntries(files.flat()) as Record<string, string>);
}
