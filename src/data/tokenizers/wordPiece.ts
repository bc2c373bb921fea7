import { join } from 'node:path';
import { bertPreTokenizer, Tokenizer as Pipeline, WordPiece, type Encoding } from 'tokenizers';
import { writeAtomically } from '../../files/write.js';
import { encodeAll, lazily } from './encodeAll.js';
import { completed, namedNormalization, normalizer, type Normalization } from './normalizer.js';
import { settingsSaying } from './settingsSaying.js';
import type { TokenizerSettings } from './special.js';
import type { Encoded, Tokenizer } from './tokenizer.js';
import { specialPieces } from './vocabulary.js';
import { wordMapper } from './words.js';

/**
 * BERT's tokenizer with a vocabulary in memory, the index of a piece being its id; pieces, ids and offsets are
 * those of Hugging Face's fast BERT tokenizer.
 * @param normalization lower case strips accents too where nothing else is said, as BERT's uncased models do
 * @param source what the vocabulary comes from, as it stands
 */
export function wordPieceTokenizer(
  vocabulary: readonly string[],
  normalization: Normalization = { lowercase: false },
  source?: { file: string; content: Uint8Array; settings?: TokenizerSettings | undefined },
): Tokenizer {
  const { lowercase, stripAccents, splitChinese } = completed(normalization);
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]));
  const pipeline = lazily(() => pipelineOf(ids, normalization));
  const encodeBatch = splitChinese
    ? (texts: readonly string[]) =>
        encodeAll(pipeline(), texts, (encoding, i) => encodedOf(encoding, stripAccents ? texts[i]! : null))
    : wordMapper(pipeline); // a piece may be of several words
  const idOf = (piece: string) => ids.get(piece) ?? -1;
  const content = lazily(() => `${vocabulary.join('\n')}\n`);
  return {
    file: source?.file ?? 'the vocabulary',
    size: vocabulary.length,
    lowercase,
    cls: idOf('[CLS]'),
    sep: idOf('[SEP]'),
    pad: idOf('[PAD]'),
    unknown: idOf('[UNK]'),
    mask: idOf('[MASK]'),
    get identity() {
      return [source?.content ?? content(), ...normalizationIdentity(normalization)];
    },
    encodeBatch,
    encode: async (text) => (await encodeBatch([text]))[0]!,
    async save(folder) {
      for (const [name, bytes] of settingsSaying(normalization, source?.settings))
        await writeAtomically(join(folder, name), bytes);
      await writeAtomically(join(folder, 'vocab.txt'), source?.content ?? content());
    },
  };
}

/** Lower case is told apart without it. */
function normalizationIdentity(normalization: Normalization): string[] {
  const { do_lower_case: _, ...others } = namedNormalization(normalization);
  const said = JSON.stringify(others);
  return said === '{}' ? [] : [said];
}

function pipelineOf(ids: Map<string, number>, normalization: Normalization): Pipeline {
  const model = WordPiece.init(Object.fromEntries(ids), {
    unkToken: '[UNK]',
    continuingSubwordPrefix: '##',
    maxInputCharsPerWord: 100,
  });
  const pipeline = new Pipeline(model);
  pipeline.setNormalizer(normalizer(normalization));
  pipeline.setPreTokenizer(bertPreTokenizer());
  pipeline.addSpecialTokens(specialPieces.filter((piece) => ids.has(piece)));
  return pipeline;
}

/**
 * Here a word's pieces follow each other and every piece has one word: the tokenizer tells which.
 * @param stripped the text whose accents the normalizer has stripped; null where it strips none
 */
function encodedOf(encoding: Encoding, stripped: string | null): Encoded {
  const ids = Int32Array.from(encoding.getIds());
  const offsets = encoding.getOffsets();
  const wordIds = encoding.getWordIds();
  const starts = new Int32Array(ids.length);
  const ends = new Int32Array(ids.length);
  const words = new Int32Array(ids.length);
  const wordStarts: number[] = [];
  const wordEnds: number[] = [];
  const firstPieces: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const [start, end] = offsets[i] as [number, number];
    starts[i] = start;
    ends[i] = end;
    if (i === 0 || wordIds[i] !== wordIds[i - 1]) {
      wordStarts.push(start);
      firstPieces.push(i);
    }
    words[i] = wordStarts.length - 1;
    wordEnds[words[i]!] = end;
  }
  if (stripped !== null) includeMarks(wordEnds, stripped);
  return {
    ids,
    starts,
    ends,
    words,
    lastWords: words,
    wordStarts: Int32Array.from(wordStarts),
    wordEnds: Int32Array.from(wordEnds),
    firstPieces: Int32Array.from(firstPieces),
  };
}

/** Moves the end of a word past the combining marks that follow it and that its last piece has lost. */
function includeMarks(wordEnds: number[], text: string): void {
  if (!/\p{Mn}/u.test(text)) return;
  const characters = [...text];
  for (const [word, end] of wordEnds.entries()) {
    let after = end;
    while (after < characters.length && /\p{Mn}/u.test(characters[after]!)) after++;
    wordEnds[word] = after;
  }
}
