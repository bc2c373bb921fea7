import type { Config } from '../../config/schema.js';
import type { Output } from '../../data/labels.js';
import { crfHead } from './crf.js';
import type { Head } from './head.js';
import { sigmoidHead } from './sigmoid.js';
import { spansHead } from './spans.js';

type Settings = Config['model'];

const heads: Record<
  Settings['head'],
  (outputs: readonly Output[], width: number, settings: Settings) => Head
> = {
  sigmoid: sigmoidHead,
  crf: (outputs, width, { crf }) => crfHead(outputs, width, crf),
  spans: (outputs, width, { spans }) => spansHead(outputs, width, spans),
};

/** The head of a config, on features that are `width` wide. */
export function headOf(settings: Settings, outputs: readonly Output[], width: number): Head {
  return heads[settings.head](outputs, width, settings);
}
