import { commit, createRepo, HubApiError, repoExists } from '@huggingface/hub';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDocument } from 'yaml';
import { createContext, type Context } from '../context.js';
import { InputError, Interrupted, UsageError } from '../errors.js';
import { filesBelow } from '../files/below.js';
import { refuseLinksBelow } from '../files/links.js';
import { exists } from '../files/text.js';
import { hubFetch } from './hubFetch.js';
import { silent, type Progress } from './progress.js';
import { defaultPatience, endpointOf } from './request.js';
import type { Patience } from './transfer.js';

export interface PushOptions {
  /** Anyone may see it; otherwise only those whom the hub lets. Of what is there already it changes nothing. */
  public?: boolean;
  /** The branch that gets the commit. */
  branch?: string;
  progress?: Progress;
  environment?: NodeJS.ProcessEnv;
  patience?: Patience;
}

export interface Pushed {
  name: string;
  /** The page of the commit. */
  url: string;
  commit: string;
  /** Bytes of each file. */
  files: Record<string, number>;
}

const HUB = 'https://huggingface.co';
const repositoryName = /^[\w-][\w.-]*\/[\w-][\w.-]*$/;

/** What `pack` makes, and licences: nothing else leaves this machine. */
const packed = [
  /^(README\.md|meddoprof\.json|gate\.json)$/,
  /^(normalizer\/encoder\/)?(config\.json|model\.safetensors)$/,
  /^(normalizer\/encoder\/)?(vocab\.txt|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|vocab\.json|merges\.txt)$/,
  /^normalizer\/(normalizer\.json|vectors\.safetensors)$/,
  /^normalizer\/encoder\/(modules\.json|sentence_bert_config\.json|1_Pooling\/config\.json)$/,
  /^LICEN[CS]E[\w.]*$/,
];

/**
 * Pushes a packed folder to a model's repository on the Hugging Face hub, or the mirror that HF_ENDPOINT names, with HF_TOKEN:
 * one commit, once every large file has come. Files that came before a failure are not sent again. The repository is made where it is
 * not there.
 * @throws UsageError for a name that is none; InputError for a folder that `pack` has not made, a card without a licence, and
 * what the hub refuses; Interrupted where the context's signal has stopped it
 */
export async function pushModel(
  folder: string,
  name: string,
  options: PushOptions = {},
  { signal }: Pick<Context, 'signal'> = createContext(),
): Promise<Pushed> {
  const {
    branch = 'main',
    progress = silent,
    environment = process.env,
    patience = defaultPatience,
  } = options;
  if (!repositoryName.test(name) || name.includes('..'))
    throw new UsageError(`${name} is no name of a model on a hub; write org/name`);
  const files = await packedFiles(folder);
  const hubUrl = endpointOf(environment, 'HF_ENDPOINT', HUB);
  const token = environment.HF_TOKEN || undefined;
  if (token === undefined && hubUrl === HUB)
    throw new InputError('push needs HF_TOKEN: set it to a token that may write to the repository');
  const repo = { type: 'model', name } as const;
  const { fetch, accessToken } = hubFetch({ hubUrl, token }, { patience, progress, signal });
  progress.begin(
    name,
    Object.values(files).reduce((sum, size) => sum + size, 0),
  );
  try {
    const visibility = options.public ? 'public' : 'private';
    if (!(await repoExists({ repo, hubUrl, fetch, accessToken })))
      await createRepo({ repo, hubUrl, fetch, accessToken, visibility }).catch((error: unknown) => {
        if (!(error instanceof HubApiError) || error.statusCode !== 409) throw error; // it is there
      });
    const made = await commit({
      repo,
      branch,
      hubUrl,
      fetch,
      accessToken,
      abortSignal: signal,
      title: 'A model packed by meddoprof',
      operations: Object.keys(files).map((path) => ({
        operation: 'addOrUpdate',
        path,
        content: pathToFileURL(resolve(folder, path)),
      })),
    });
    return { name, url: made!.commit.url, commit: made!.commit.oid, files };
  } catch (error) {
    if (signal.aborted) throw new Interrupted(`Stopped while ${folder} was pushed to ${name}`);
    throw error instanceof HubApiError ? new InputError(explain(error, name, hubUrl)) : error;
  } finally {
    progress.end();
  }
}

/** The files of a packed folder with their sizes, once its card is right. */
async function packedFiles(folder: string): Promise<Record<string, number>> {
  if (!(await exists(folder)))
    throw new InputError(`${folder} does not exist; name a folder that meddoprof pack has made`);
  await refuseLinksBelow(folder);
  const paths = await filesBelow(folder);
  const lacking = ['meddoprof.json', 'model.safetensors', 'README.md'].find((name) => !paths.includes(name));
  if (lacking !== undefined)
    throw new InputError(`${folder} has no ${lacking}: it is no packed model; make one with meddoprof pack`);
  const other = paths.find(
    (path) => path !== 'fetched.json' && !packed.some((pattern) => pattern.test(path)),
  );
  if (other !== undefined)
    throw new InputError(
      `${join(folder, other)} is nothing that meddoprof pack makes: move it elsewhere, or it would be handed on`,
    );
  await checkCard(join(folder, 'README.md'));
  const own = paths.filter((path) => path !== 'fetched.json');
  const sizes = await Promise.all(own.map(async (path) => (await stat(join(folder, path))).size));
  return Object.fromEntries(own.map((path, i) => [path, sizes[i]!]));
}

/** Holds that a model card says what the hub asks for. */
async function checkCard(file: string): Promise<void> {
  const [, metadata] = /^---\r?\n([\s\S]*?)\r?\n---(\r?\n|$)/.exec(await readFile(file, 'utf8')) ?? [];
  if (metadata === undefined)
    throw new InputError(`${file} begins with no metadata between lines of ---; pack the model again`);
  const parsed = parseDocument(metadata);
  if (parsed.errors[0])
    throw new InputError(
      `${file}:${(parsed.errors[0].linePos?.[0].line ?? 0) + 1}: the metadata are no YAML; correct them`,
    );
  const license: unknown = parsed.get('license');
  if (typeof license !== 'string' || license === '')
    throw new InputError(`${file}: the metadata have no license; write one, as in license: cc-by-4.0`);
}

function explain({ statusCode, message, data }: HubApiError, name: string, hubUrl: string): string {
  const { host } = new URL(hubUrl);
  if (statusCode === 401)
    return `${host} does not accept HF_TOKEN (401): set it to a token that may write to ${name}`;
  if (statusCode === 403)
    return `${host} does not let this HF_TOKEN write to ${name} (403): make one that may, or choose another name`;
  if (statusCode === 404) return `${host} has no place for ${name} (404): is there such an organisation?`;
  const told = typeof data?.error === 'string' ? data.error : message.split('\n')[0];
  return `${host} refuses ${name} (${statusCode}): ${told}`;
}
