import { existsSync } from 'node:fs';
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { readJson } from '../files/json.js';
import { partSchema } from '../formats/fetched.js';
import { InputError } from '../errors.js';
import { hashFile, type Checksum } from '../files/checksum.js';
import { explainNetworkError, PassingFailure, request, withPatience } from './request.js';
import type { Transfer } from './transfer.js';

export interface Download {
  url: string;
  /** Where it goes; until it is whole it lies in `<file>.part`, which a later try goes on from. */
  file: string;
  label: string;
  headers?: Record<string, string>;
  size?: number;
  checksum?: Checksum;
  /** Tells one content of the file from another (an etag); a part of another content is dropped. */
  version?: string;
  /** What an answer that is no content means; undefined: nothing special. */
  explain?(status: number): string | undefined;
}

/**
 * Downloads a file and verifies its size and checksum where they are known. A broken download is resumed
 * with Range, in this call after passing failures and in a later one after others.
 * @throws InputError in one sentence where the server refuses, or what came is not what was announced
 */
export async function download(
  what: Download,
  options: Pick<Transfer, 'progress' | 'patience' | 'signal'>,
): Promise<void> {
  const { progress } = options;
  const { file, label, checksum } = what;
  if (checksum && existsSync(file) && (await hashFile(file, checksum.algorithm)) === checksum.hex) return;
  await rm(file, { force: true });
  const part = await openPart(what);
  const resumed = part.length > 0;
  let before = -1;
  try {
    await withPatience(
      label,
      options,
      () => receive(what, part, options),
      () => {
        const more = part.length > before;
        before = part.length;
        return more;
      },
    );
  } finally {
    progress.end();
  }
  const wrong = await findFault(what, part.path);
  if (wrong) {
    await part.drop();
    if (resumed) return download(what, options);
    throw new InputError(
      `${label} from ${new URL(what.url).host} is not what was announced (${wrong}); try again, and ask whether a proxy changes downloads`,
    );
  }
  await rename(part.path, file);
  await part.drop();
}

/** What is there of a download: its first `length` bytes, and which content they are of. */
interface Part {
  path: string;
  length: number;
  etag: string | null;
  begin(etag: string | null): Promise<void>;
  drop(): Promise<void>;
}

async function openPart({ file, url, version = '' }: Download): Promise<Part> {
  const path = `${file}.part`;
  const about = `${file}.part.json`;
  const known = await readJson(about, partSchema, 'a part of a download').catch(() => undefined);
  const same = version ? known?.version === version : known?.url === url && !!known.etag;
  const part: Part = {
    path,
    length: 0,
    etag: null,
    async begin(etag) {
      part.etag = etag;
      await writeFile(about, JSON.stringify({ url, version, etag }));
    },
    async drop() {
      part.length = 0;
      part.etag = null;
      await rm(path, { force: true });
      await rm(about, { force: true });
    },
  };
  if (same && existsSync(path))
    Object.assign(part, { length: (await stat(path)).size, etag: known?.etag ?? null });
  else await part.drop();
  return part;
}

/** One request, from where the part ends to the end of the content. */
async function receive(
  what: Download,
  part: Part,
  { progress, patience, signal: stop }: Pick<Transfer, 'progress' | 'patience' | 'signal'>,
): Promise<void> {
  if (what.size !== undefined && part.length === what.size && part.length > 0) return;
  if (what.size !== undefined && part.length > what.size) await part.drop();
  const controller = new AbortController();
  const silent = () => controller.abort(new PassingFailure('nothing came for too long'));
  const timer = setTimeout(silent, patience.silenceMilliseconds);
  const signal = AbortSignal.any([stop, controller.signal]);
  try {
    const response = await request(what.url, { headers: headersFor(what, part), signal });
    if (response.status === 416) {
      await response.body?.cancel();
      await part.drop();
      throw new PassingFailure('the server has no such part');
    }
    if (!response.ok || !response.body) throw refusal(response, what);
    const etag = response.headers.get('etag');
    if (response.status === 200 || !continues(response, part)) {
      const partial = response.status === 206;
      await part.drop();
      if (partial) throw new PassingFailure('the content has changed');
    }
    await part.begin(etag);
    const left = Number(response.headers.get('content-length') ?? Number.NaN);
    const encoded = response.headers.has('content-encoding');
    const total = Number.isFinite(left) && !encoded ? part.length + left : what.size;
    progress.begin(what.label, total, part.length);
    const handle = await open(part.path, 'a');
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        timer.refresh();
        await handle.appendFile(chunk);
        part.length += chunk.length;
        progress.add(chunk.length);
      }
    } finally {
      await handle.close();
    }
    if (total !== undefined && part.length < total) throw new PassingFailure('the connection ended early');
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : explainNetworkError(error, what.url);
  } finally {
    clearTimeout(timer);
    progress.end();
  }
}

/** If-Range makes the server send everything where the content has changed; weak etags do not serve for it. */
function headersFor({ headers }: Download, { length, etag }: Part): Record<string, string> {
  const plain = { ...headers, 'accept-encoding': 'identity' };
  if (!length) return plain;
  const onwards = { ...plain, range: `bytes=${length}-` };
  return etag?.startsWith('"') ? { ...onwards, 'if-range': etag } : onwards;
}

function continues(response: Response, part: Part): boolean {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  const etag = response.headers.get('etag');
  return Number(start) === part.length && (!etag || !part.etag || etag === part.etag);
}

function refusal(response: Response, { label, url, explain }: Download): InputError {
  void response.body?.cancel();
  const reason = explain?.(response.status);
  return new InputError(
    reason ?? `${label}: ${new URL(url).host} answered ${response.status} ${response.statusText}`,
  );
}

async function findFault({ size, checksum }: Download, path: string): Promise<string | undefined> {
  const { size: bytes } = await stat(path);
  if (size !== undefined && bytes !== size) return `${bytes} bytes instead of ${size}`;
  if (!checksum) return undefined;
  const hex = await hashFile(path, checksum.algorithm);
  return hex === checksum.hex ? undefined : `${checksum.algorithm} ${hex} instead of ${checksum.hex}`;
}
