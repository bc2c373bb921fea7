import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { isFileName } from '../files/inside.js';
import type { Checksum } from '../files/checksum.js';
import type { Delivery, Transfer } from './transfer.js';
import { download } from './download.js';
import { endpointOf, request, withPatience } from './request.js';
import type { Source } from './source.js';
import { archiveKind, unpack } from './unpack.js';

/** What is read of a record: names are those of files, never of paths. */
const recordSchema = z.object({
  files: z
    .array(
      z.object({
        key: z
          .string()
          .regex(/^[^/\\\0]+$/)
          .regex(/[^.]/),
        size: z.int().min(0).optional(),
        checksum: z.string().optional(),
        links: z.object({ self: z.url({ protocol: /^https?$/ }).optional() }).optional(),
      }),
    )
    .min(1),
});
type RecordFile = z.output<typeof recordSchema>['files'][number];

/**
 * Fetches every file of a Zenodo record, and unpacks archives: one alone as the folder itself, several into
 * a folder each. ZENODO_ENDPOINT names another server of the same kind.
 */
export async function fetchFromZenodo(
  source: Source & { kind: 'zenodo' },
  transfer: Transfer,
): Promise<Delivery> {
  const { environment, progress, work } = transfer;
  const endpoint = endpointOf(environment, 'ZENODO_ENDPOINT', 'https://zenodo.org');
  const files = await listFiles(`${endpoint}/api/records/${source.record}`, source.record, transfer);
  const downloads = join(work, 'downloads');
  const folder = join(work, 'unpacked');
  await rm(folder, { recursive: true, force: true });
  await mkdir(downloads, { recursive: true });
  await mkdir(folder, { recursive: true });
  for (const { key, size, checksum, links } of files) {
    const file = join(downloads, key);
    const url =
      links?.self ?? `${endpoint}/api/records/${source.record}/files/${encodeURIComponent(key)}/content`;
    const known = parseChecksum(checksum);
    const version = checksum ?? undefined;
    await download({ url, file, label: key, size, version, checksum: known }, transfer);
  }
  let size = 0;
  for (const { key } of files) {
    const file = join(downloads, key);
    size += (await stat(file)).size;
    const stem = key.replace(/\.(zip|tgz|tar\.gz)$/, '');
    const isArchive = stem !== key && isFileName(stem) && (await archiveKind(file));
    if (!isArchive) await rename(file, join(folder, key));
    else await unpack(file, files.length > 1 ? join(folder, stem) : folder, progress);
  }
  return { folder, resolved: `record ${source.record}`, size };
}

async function listFiles(url: string, record: string, transfer: Transfer): Promise<RecordFile[]> {
  const { patience, signal } = transfer;
  const inTime = () => AbortSignal.any([signal, AbortSignal.timeout(patience.silenceMilliseconds)]);
  const response = await withPatience(url, transfer, () => request(url, { signal: inTime() }));
  if (!response.ok) {
    await response.body?.cancel();
    const { host } = new URL(url);
    if (response.status === 404 || response.status === 410)
      throw new InputError(`${host} has no record ${record}`);
    if (response.status === 401 || response.status === 403)
      throw new InputError(
        `${host} does not give record ${record} to just anyone (${response.status}): ask for access on its page, and fetch the file that you get by its path`,
      );
    throw new InputError(`${url}: the server answered ${response.status}`);
  }
  const parsed = recordSchema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new InputError(`${url}: the answer has no list of files`);
  return parsed.data.files;
}

function parseChecksum(text: string | undefined): Checksum | undefined {
  const [, algorithm, hex] = /^(md5|sha1|sha256):([0-9a-f]+)$/.exec(text ?? '') ?? [];
  return algorithm && hex ? { algorithm: algorithm as Checksum['algorithm'], hex } : undefined;
}
