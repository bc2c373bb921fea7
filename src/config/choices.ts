/** What options choose from. Nothing is loaded for it: the command line offers the same and must start at once. */
export const engines = ['auto', 'native', 'webgpu', 'wasm', 'cpu'] as const;
export const devices = ['auto', 'gpu', 'cpu'] as const;
export const precisions = ['float32', 'bfloat16'] as const;
export const embedderKinds = ['sentenceTransformers', 'pooledEncoder', 'universalSentenceEncoder'] as const;
export const heads = ['sigmoid', 'crf', 'spans'] as const;
export const trunks = ['bilstm', 'none'] as const;
export const schemes = ['IO', 'BIO', 'BIOU'] as const;
/** The tags that a label has by each scheme. */
export const tagsByScheme = { IO: ['I'], BIO: ['B', 'I'], BIOU: ['B', 'I', 'U'] } as const;
export const outputKinds = ['perTask', 'joint'] as const;
export const decodedPaths = ['best', 'all'] as const;
/** Of those that claim a file the first has it: what has tokens with tags may have a text, too. */
export const corpusFormats = [
  'brat',
  'conll',
  'huggingface',
  'prodigy',
  'doccano',
  'xmi',
  'casjson',
] as const;
/**
 * A format of corpora that can be read.
 * @useDeclaredType
 */
export type CorpusFormatName = (typeof corpusFormats)[number];

/** The track of the codes beside the tasks: no task has its name. */
export const NORM = 'norm';
