import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import type { Checksum } from '../files/checksum.js';
import type { Delivery, Transfer } from './transfer.js';
import { download } from './download.js';
import { filesBelow } from '../files/below.js';
import { endpointOf, request, withPatience } from './request.js';
import type { Source } from './source.js';

type HubSource = Source & { kind: 'hub' };

/** The files of a model in the order in which they are fetched; other formats of the same weights are left. */
const wanted = [
  /^(config|tokenizer_config|special_tokens_map|modules|sentence_bert_config|config_sentence_transformers)\.json$/,
  /^(vocab\.txt|tokenizer\.json|vocab\.json|merges\.txt|LICENSE[\w.]*)$/,
  /^(meddoprof\.json|gate\.json|normalizer\/(encoder\/(1_Pooling\/)?)?[\w.-]+)$/, // of a packed model
  /^\d+_\w+\/(config\.json|model\.safetensors)$/,
  /^model\.safetensors(\.index\.json)?$/,
  /^model-\d{5}-of-\d{5}\.safetensors$/,
];
/** What is asked for where a mirror cannot list a model's files. */
const usual = [
  ...['config.json', 'tokenizer_config.json', 'special_tokens_map.json'],
  ...['vocab.txt', 'tokenizer.json', 'vocab.json', 'merges.txt', 'model.safetensors'],
];
const needed = /^(config\.json|model\.safetensors)$/;

/**
 * Fetches a model from the Hugging Face hub or the mirror that HF_ENDPOINT names, with HF_TOKEN where set.
 * @throws InputError where the model or its safetensors are not there or need a token
 */
export async function fetchFromHub(source: HubSource, transfer: Transfer): Promise<Delivery> {
  const { environment, patience, work, signal: stop } = transfer;
  const endpoint = endpointOf(environment, 'HF_ENDPOINT', 'https://huggingface.co');
  const token = environment.HF_TOKEN;
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const explain = (status: number) => explainStatus(status, source, endpoint, !!token);
  const ask: Ask = (url, options = {}) => {
    const send = () => {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(patience.silenceMilliseconds)]);
      return request(url, { ...options, headers: { ...headers, ...options.headers }, signal });
    };
    return withPatience(url, transfer, send);
  };

  const listing = await list(`${endpoint}/api/models/${source.name}`, source, ask, explain);
  const files = chooseFiles(source, listing?.files);
  const revision = listing?.commit ?? source.revision;
  const folder = join(work, 'model');
  for (const file of files) {
    const url = `${endpoint}/${source.name}/resolve/${encodeURIComponent(revision)}/${file}`;
    const about = await head(url, ask);
    if (about.status === 404 && !listing && !needed.test(file)) continue;
    if (about.status >= 400)
      throw new InputError(explain(about.status) ?? `${url}: the server answered ${about.status}`);
    const target = join(folder, file);
    await mkdir(dirname(target), { recursive: true });
    await download({ url, file: target, label: file, headers, explain, ...about }, transfer);
  }
  for (const path of await filesBelow(folder)) if (!files.includes(path)) await rm(join(folder, path)); // of an earlier try
  return { folder, resolved: listing ? `commit ${listing.commit}` : `revision ${revision}` };
}

const listSchema = z.object({ sha: z.string(), siblings: z.array(z.object({ rfilename: z.string() })) });

type Ask = (url: string, options?: RequestInit) => Promise<Response>;

/** The files of that revision; undefined where the server has no list (a plain copy of the files). */
async function list(
  url: string,
  { revision }: HubSource,
  ask: Ask,
  explain: (status: number) => string | undefined,
) {
  const response = await ask(`${url}/revision/${encodeURIComponent(revision)}`);
  const missing = response.status === 404 && !response.headers.get('x-error-code');
  if (missing || response.status === 405) return void (await response.body?.cancel());
  if (!response.ok) {
    await response.body?.cancel();
    throw new InputError(
      explain(response.status) ?? `${response.url}: the server answered ${response.status}`,
    );
  }
  const body = listSchema.safeParse(await response.json().catch(() => undefined));
  if (!body.success)
    throw new InputError(
      `${response.url}: the answer is no list of a model's files; does a proxy answer instead?`,
    );
  return { commit: body.data.sha, files: body.data.siblings.map(({ rfilename }) => rfilename) };
}

function chooseFiles({ name, revision }: HubSource, files: string[] = usual): string[] {
  const chosen = wanted.flatMap((pattern) => files.filter((file) => pattern.test(file)));
  const whole = chosen.includes('model.safetensors');
  if (!whole && !chosen.includes('model.safetensors.index.json'))
    throw new InputError(
      `${name}@${revision} has no model.safetensors${files.includes('pytorch_model.bin') ? ', only pytorch_model.bin: convert it with Python' : ''}; ` +
        `the hub often has a converted copy as ${name}@refs/pr/1`,
    );
  return whole ? chosen.filter((file) => !/^model(-|\.safetensors\.index)/.test(file)) : chosen;
}

interface About {
  status: number;
  size?: number;
  checksum?: Checksum;
  version?: string;
}

/** Size and checksum as the hub tells them before it redirects to where large files lie. */
async function head(url: string, ask: Ask, redirects = 5): Promise<About> {
  const response = await ask(url, {
    method: 'HEAD',
    redirect: 'manual',
    headers: { 'accept-encoding': 'identity' },
  });
  const { headers, status } = response;
  const location = headers.get('location');
  if (status >= 300 && status < 400 && /^\/(?!\/)/.test(location ?? '') && redirects > 0)
    return head(new URL(location!, url).href, ask, redirects - 1);
  if (status === 405 || status === 501) return { status: 200 };
  const etag = (headers.get('x-linked-etag') ?? headers.get('etag'))?.replace(/^W\//, '').replaceAll('"', '');
  const length = headers.get('x-linked-size') ?? (status === 200 ? headers.get('content-length') : null);
  return {
    status,
    size: length !== null && !headers.has('content-encoding') ? Number(length) : undefined,
    version: etag || undefined,
    checksum: etag && /^[0-9a-f]{64}$/.test(etag) ? { algorithm: 'sha256', hex: etag } : undefined,
  };
}

function explainStatus(status: number, { name, revision }: HubSource, endpoint: string, token: boolean) {
  const { host } = new URL(endpoint);
  if (status === 401)
    return token
      ? `${host} does not accept HF_TOKEN for ${name} (401): make a token that may read it`
      : `${host} does not give ${name} to just anyone, or there is no such model (401): check the name, or set HF_TOKEN`;
  if (status === 403)
    return `${host} refuses ${name} (403): accept its terms on its page there, and set HF_TOKEN to a token of that account`;
  if (status === 404)
    return `${host} has no ${name} at revision ${revision} with the files that are needed (404): check both names`;
  return undefined;
}
