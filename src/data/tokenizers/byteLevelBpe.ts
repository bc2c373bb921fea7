import { InputError } from '../../errors.js';
import { decodeText } from '../../files/text.js';
import { parseObject } from './json.js';
import { nameIn, robertaNames, type TokenizerSettings } from './special.js';
import { parseTokenizerJson, type TokenizerJson } from './tokenizerJson.js';

/** What settings may say of how a special piece is found in a text. */
const flags = ['single_word', 'lstrip', 'rstrip', 'normalized'] as const;

/**
 * The tokenizer.json that GPT-2's and RoBERTa's vocab.json and merges.txt stand for, as Python's
 * RobertaTokenizer makes it: bytes as characters, words with the space before them.
 * @throws InputError where a file is damaged
 */
export function byteLevelBpe(
  vocabulary: { file: string; content: Uint8Array },
  merges: { file: string; content: Uint8Array },
  settings: TokenizerSettings,
): TokenizerJson {
  const vocab = parseObject(vocabulary.content, vocabulary.file);
  const wrong = Object.keys(vocab).find((piece) => !Number.isInteger(vocab[piece]));
  if (wrong !== undefined)
    throw new InputError(
      `${vocabulary.file}: the piece ${JSON.stringify(wrong)} has no number; copy the file from the model again`,
    );
  const add_prefix_space = settings.config.add_prefix_space === true;
  const names = specialNames(settings);
  const processor = { trim_offsets: true, add_prefix_space };
  const [cls, sep] = [names.cls!, names.sep!];
  const known = Object.hasOwn(vocab, cls.content) && Object.hasOwn(vocab, sep.content);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: Object.values(names)
      .filter(({ content }, i, all) => all.findIndex((one) => one.content === content) === i)
      .filter(({ content }) => Object.hasOwn(vocab, content))
      .map((token) => ({ id: vocab[token.content] as number, special: true, ...token }))
      .sort((a, b) => a.id - b.id),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space, trim_offsets: true, use_regex: true },
    post_processor: known
      ? {
          type: 'RobertaProcessing',
          sep: [sep.content, vocab[sep.content]],
          cls: [cls.content, vocab[cls.content]],
          ...processor,
        }
      : { type: 'ByteLevel', use_regex: true, ...processor },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: parseMerges(merges),
    },
  };
  return parseTokenizerJson(Buffer.from(JSON.stringify(json)), vocabulary.file);
}

/** Each special piece with how it is found. */
function specialNames({ config, map }: TokenizerSettings) {
  const of = (key: string, name: string) => {
    const value = [config[key], map[key]].find((one) => nameIn(one) !== undefined);
    const given = typeof value === 'object' ? (value as Record<string, unknown>) : {};
    const found = flags.map((flag) => [flag, given[flag] === true]);
    return { content: nameIn(value) ?? name, ...(Object.fromEntries(found) as Record<string, boolean>) };
  };
  return {
    bos: of('bos_token', robertaNames.cls),
    eos: of('eos_token', robertaNames.sep),
    cls: of('cls_token', nameIn(config.bos_token ?? map.bos_token) ?? robertaNames.cls),
    sep: of('sep_token', nameIn(config.eos_token ?? map.eos_token) ?? robertaNames.sep),
    unknown: of('unk_token', robertaNames.unknown),
    pad: of('pad_token', robertaNames.pad),
    mask: of('mask_token', robertaNames.mask),
  };
}

/** A line a merge, the most frequent first; the first line may tell the version. */
function parseMerges({ file, content }: { file: string; content: Uint8Array }): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, line] of decodeText(content, file).split(/\r?\n/).entries()) {
    if (line === '' || (index === 0 && line.startsWith('#version'))) continue;
    const [left, right, ...more] = line.split(' ');
    if (!left || !right || more.length > 0)
      throw new InputError(
        `${file}:${index + 1}: ${JSON.stringify(line)} is no pair of pieces; copy the file from the model again`,
      );
    merges.push([left, right]);
  }
  return merges;
}
