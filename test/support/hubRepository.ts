import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendContent, type TestServer, type testServers } from './testServer.js';

/** A Hugging Face hub that models are pushed to, as its clients speak to it. */
export interface HubRepository {
  /** The token that may write. */
  token: string;
  /** Repositories by name: whether it is private, and the files of its commit; none before one is pushed. */
  repositories: Map<string, { private: boolean; files: Map<string, Buffer> }>;
  /** Large files that came whole, by SHA-256. */
  objects: Map<string, Buffer>;
  /** Bytes of a part of a large file, 1,000,000 by default; what is larger than two parts is sent in parts. */
  part?: number;
  /** Looks at a part of a large file before it is taken; true: it has answered, or broken the connection. */
  intercept?(response: ServerResponse, part: { oid: string; number: number }): boolean;
}

/** From so many bytes on a file is a large one. */
const LARGE = 100;

export function hubRepository(
  serve: ReturnType<typeof testServers>,
  hub: HubRepository,
): Promise<TestServer> {
  const { part = 1e6 } = hub;
  const parts = new Map<string, Map<number, Buffer>>();
  const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  return serve((request, response) => {
    void bodyOf(request).then((body) => answer(request, response, body));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer) {
    const { pathname, origin } = new URL(request.url!, `http://${request.headers.host}`);
    const send = (value: unknown, status = 200) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const refuse = (status: number, error: string) => send({ error }, status);
    const stored = /^\/storage\/(\w+)\/(\d+)$/.exec(pathname);
    if (stored) {
      const [oid, number] = [stored[1]!, Number(stored[2])];
      if (request.headers.authorization !== undefined) return refuse(400, 'storage takes no token');
      if (hub.intercept?.(response, { oid, number })) return;
      if (number === 0) {
        if (sha256(body) !== oid) return refuse(400, 'the file is another one');
        hub.objects.set(oid, body);
        return send({});
      }
      const own = parts.get(oid) ?? new Map<number, Buffer>();
      parts.set(oid, own.set(number, body));
      return void response.writeHead(200, { etag: `"${number}"` }).end();
    }
    if (pathname.startsWith('/complete/')) {
      const asked = JSON.parse(body.toString()) as {
        oid: string;
        parts: { partNumber: number; etag: string }[];
      };
      const own = parts.get(asked.oid)!;
      if (asked.parts.some(({ partNumber, etag }) => etag !== `"${partNumber}"`))
        return refuse(400, 'wrong parts');
      const whole = Buffer.concat(asked.parts.map(({ partNumber }) => own.get(partNumber)!));
      if (sha256(whole) !== asked.oid) return refuse(400, 'the file is another one');
      hub.objects.set(asked.oid, whole);
      return send({});
    }
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (request.headers.authorization !== `Bearer ${hub.token}`) return refuse(401, 'Invalid credentials');
    if (pathname === '/api/repos/create') {
      const { organization, name, visibility } = JSON.parse(body.toString()) as Record<string, string>;
      if (organization === 'others') return refuse(403, 'You do not have the rights');
      hub.repositories.set(`${organization}/${name}`, {
        private: visibility === 'private',
        files: new Map(),
      });
      return send({ url: `${origin}/${organization}/${name}`, id: '1' });
    }
    const [, name = '', rest = ''] =
      /^\/(?:api\/models\/)?([\w.-]+\/[\w-]+)(?:\.git)?(?:\/(.*))?$/.exec(pathname) ?? [];
    const repository = hub.repositories.get(name);
    if (!repository) return refuse(404, 'Repository not found');
    if (rest === '' && reads) return send({ id: name });
    if (rest === 'preupload/main') {
      const { files } = JSON.parse(body.toString()) as { files: { path: string; size: number }[] };
      const modes = files.map(({ path, size }) => ({ path, uploadMode: size >= LARGE ? 'lfs' : 'regular' }));
      return send({ files: modes });
    }
    if (rest === 'info/lfs/objects/batch') {
      const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
      return send({
        transfer: 'basic',
        objects: objects.map(({ oid, size }) => ({ oid, size, ...actionsFor(oid, size, origin) })),
      });
    }
    if (rest === 'commit/main') {
      const lines = body
        .toString()
        .split('\n')
        .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> });
      for (const { key, value } of lines) {
        if (key === 'file') repository.files.set(value.path!, Buffer.from(value.content!, 'base64'));
        if (key !== 'lfsFile') continue;
        const content = hub.objects.get(value.oid!);
        if (!content) return refuse(400, `the file ${value.path} never came`);
        repository.files.set(value.path!, content);
      }
      return send({ commitOid: 'c0ffee', commitUrl: `${origin}/${name}/commit/c0ffee`, hookOutput: '' });
    }
    if (rest === 'revision/main')
      return send({
        sha: 'c0ffee',
        siblings: [...repository.files.keys()].map((rfilename) => ({ rfilename })),
      });
    const content = repository.files.get(/^resolve\/c0ffee\/(.*)$/.exec(rest)?.[1] ?? '');
    if (!content) return refuse(404, 'Entry not found');
    return sendContent(request, response, content, `"${sha256(content)}"`);
  }

  function actionsFor(oid: string, size: number, origin: string) {
    if (hub.objects.has(oid)) return {};
    const at = (number: number) => `${origin}/storage/${oid}/${number}`;
    if (size <= 2 * part) return { actions: { upload: { href: at(0) } } };
    const numbers = Array.from({ length: Math.ceil(size / part) }, (_, i) => i + 1);
    const addresses = numbers.map((number) => [String(number).padStart(5, '0'), at(number)]);
    const header = { chunk_size: String(part), ...Object.fromEntries(addresses) };
    return { actions: { upload: { href: `${origin}/complete/${oid}`, header } } };
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
