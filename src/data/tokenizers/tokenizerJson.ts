import { join } from 'node:path';
import { Tokenizer as Pipeline } from 'tokenizers';
import { InputError } from '../../errors.js';
import { shown } from '../../files/shown.js';
import { writeAtomically } from '../../files/write.js';
import { checkParts } from './checkParts.js';
import { parseObject, type Json } from './json.js';
import { bertNames, idsAround, robertaNames, specialIds, type TokenizerSettings } from './special.js';
import type { SpecialIds, Tokenizer } from './tokenizer.js';
import { wordMapper } from './words.js';

/** The kinds of models that a tokenizer.json may hold. */
const kinds = ['WordPiece', 'BPE', 'Unigram', 'WordLevel'] as const;
export type Kind = (typeof kinds)[number];

export interface TokenizerJson {
  file: string;
  content: Uint8Array;
  json: Json;
  model: Json;
  kind: Kind;
}

/**
 * Reads the outline of a tokenizer.json.
 * @throws InputError where it is no JSON, has no vocabulary, or a model of another kind
 */
export function parseTokenizerJson(content: Uint8Array, file: string): TokenizerJson {
  const json = parseObject(content, file);
  const model = (json.model ?? {}) as Json;
  const { vocab } = model;
  if (typeof vocab !== 'object' || vocab === null || Object.keys(vocab).length === 0)
    throw new InputError(
      `${file} has no vocabulary (model.vocab): it must be a model's tokenizer.json; copy the file from the model again`,
    );
  const type = model.type ?? kindOf(model);
  const kind = kinds.find((one) => one === type);
  if (!kind)
    throw new InputError(
      `${file}: a tokenizer of the kind ${shown(type)} cannot be read; only ${kinds.join(', ')} can`,
    );
  return { file, content, json, model, kind };
}

/** Files from before `type` was written are told by what they hold. */
function kindOf(model: Json): Kind {
  if (Array.isArray(model.vocab)) return 'Unigram';
  if ('merges' in model) return 'BPE';
  return 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel';
}

/**
 * The tokenizer of a tokenizer.json, as Python's `tokenizers` has it; texts are neither cut nor padded. Special
 * pieces are those of its post-processor, then those that the settings beside it name.
 * @param files what `save` writes, by name
 * @throws InputError where a part of it cannot be read, or a special piece is missing
 */
export function tokenizerOfJson(
  { file, content, json, model, kind }: TokenizerJson,
  settings: TokenizerSettings,
  files: ReadonlyMap<string, Uint8Array>,
): Tokenizer {
  checkParts(file, json, model);
  const pipeline = readPipeline(content, file);
  const { size, idOf } = vocabularyOf(json, model);
  const known = { ...idsAround(file, json.post_processor), ...knownIds(json, model, idOf) };
  const names = kind === 'WordPiece' || kind === 'WordLevel' ? bertNames : robertaNames;
  const special = specialIds(file, idOf, known, settings, names);
  checkUnknown(file, kind, model, idOf);
  const beyond = Object.values(special).find((id) => id >= size);
  if (beyond !== undefined)
    throw new InputError(
      `${file}: a special piece has the number ${beyond}, and the vocabulary ends at ${size - 1}; copy the file from the model again`,
    );
  const encodeBatch = wordMapper(() => pipeline);
  return {
    file,
    size,
    lowercase: lowers(json.normalizer),
    ...special,
    identity: [content, JSON.stringify(special)],
    encodeBatch,
    encode: async (text) => (await encodeBatch([text]))[0]!,
    async save(folder) {
      for (const [name, bytes] of files) await writeAtomically(join(folder, name), bytes);
    },
  };
}

function readPipeline(content: Uint8Array, file: string): Pipeline {
  try {
    const pipeline = Pipeline.fromString(Buffer.from(content).toString());
    pipeline.disableTruncation();
    pipeline.disablePadding();
    return pipeline;
  } catch (error) {
    throw new InputError(
      `${file} is no tokenizer that can be read: ${(error as Error).message}; save it again with Python's AutoTokenizer and save_pretrained`,
    );
  }
}

interface Vocabulary {
  size: number;
  idOf: (piece: string) => number | undefined;
}

/** The model's pieces and those added to them. */
function vocabularyOf({ added_tokens: added }: Json, { vocab }: Json): Vocabulary {
  const more = new Map<string, number>();
  for (const { content, id } of (added ?? []) as { content: string; id: number }[]) more.set(content, id);
  const highest = (ids: Iterable<number>) => {
    let most = -1;
    for (const id of ids) if (id > most) most = id;
    return most;
  };
  const addedMost = highest(more.values());
  if (Array.isArray(vocab)) {
    const pieces = vocab as [string, number][];
    const find = (piece: string) => pieces.findIndex(([one]) => one === piece);
    const idOf = (piece: string) => more.get(piece) ?? (find(piece) < 0 ? undefined : find(piece));
    return { size: 1 + Math.max(pieces.length - 1, addedMost), idOf };
  }
  const ids = vocab as Record<string, number>;
  const idOf = (piece: string) => more.get(piece) ?? (Object.hasOwn(ids, piece) ? ids[piece] : undefined);
  return { size: 1 + Math.max(highest(Object.values(ids)), addedMost), idOf };
}

/** What the file itself says of the unknown piece and of padding. */
function knownIds({ padding }: Json, model: Json, idOf: Vocabulary['idOf']): Partial<SpecialIds> {
  const unknown =
    typeof model.unk_token === 'string' ? idOf(model.unk_token) : (model.unk_id as number | null | undefined);
  const { pad_id: pad } = (padding ?? {}) as { pad_id?: unknown };
  return {
    unknown: typeof unknown === 'number' ? unknown : undefined,
    pad: typeof pad === 'number' ? pad : undefined,
  };
}

/** Without an unknown piece these fail in the middle of a text. */
function checkUnknown(file: string, kind: Kind, model: Json, idOf: Vocabulary['idOf']): void {
  const missing =
    kind === 'Unigram'
      ? typeof model.unk_id !== 'number' // which byte_fallback needs, too
      : kind !== 'BPE' && idOf(String(model.unk_token ?? '[UNK]')) === undefined;
  if (missing)
    throw new InputError(
      `${file}: the ${kind} vocabulary has no piece for what is unknown; copy the file from the model again`,
    );
}

/** Whether a normalizer, or one within it, takes away the difference of upper and lower case. */
function lowers(normalizer: unknown): boolean {
  const { type, lowercase, normalizers } = (normalizer ?? {}) as Json;
  if (type === 'BertNormalizer') return lowercase === true;
  return type === 'Lowercase' || (Array.isArray(normalizers) && normalizers.some(lowers));
}
