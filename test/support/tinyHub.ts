import { createHash } from 'node:crypto';
import { fetchModel, type FetchOptions } from '../../src/fetch/fetch.js';
import type { TestServer } from './testServer.js';

export const weights = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7) % 251));
/** Those of a model on a hub, its weights among them. */
export const files = {
  'README.md': 'a card',
  'config.json': '{"model_type": "bert"}',
  'vocab.txt': '[PAD]\n',
  'model.safetensors': weights,
  'pytorch_model.bin': 'another format',
};
export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
/** With next to no pause between tries. */
export const patience = { tries: 3, pauseMilliseconds: 1, silenceMilliseconds: 30_000 };

/** Fetches org/tiny from that hub into `out`. */
export function fetchTiny({ url }: TestServer, out: string, options: FetchOptions & { token?: string } = {}) {
  const environment = { HF_ENDPOINT: url, HF_TOKEN: options.token };
  return fetchModel('hub:org/tiny', { out, environment, patience, ...options });
}
