import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendContent, type TestServer, type testServers } from './testServer.js';

export interface Hub {
  /** Content by path; the test may change it between two calls. */
  files: Record<string, string | Buffer>;
  /** The token that is asked for. */
  token?: string;
  /** No list of a model's files: a plain copy of the hub's files. */
  noList?: boolean;
  /** Small files are answered from this path, to which the hub redirects. */
  cache?: string;
  /** Large files lie on this other server. */
  storage?: TestServer;
  /** Looks at a GET of a file first; true: it has answered. */
  intercept?(request: IncomingMessage, response: ServerResponse, content: Buffer): boolean;
}

/** A Hugging Face hub with one model, org/tiny, at one commit. Files of 100 bytes or more are large ones. */
export async function hubServer(serve: ReturnType<typeof testServers>, hub: Hub): Promise<TestServer> {
  return serve((request, response) => {
    const path = decodeURIComponent(request.url!);
    const refuse = (status: number, code?: string) =>
      response.writeHead(status, code ? { 'x-error-code': code } : {}).end();
    if (hub.token && request.headers.authorization !== `Bearer ${hub.token}`) return refuse(401);
    if (path.startsWith('/api/models/')) {
      if (hub.noList) return refuse(404);
      if (path !== '/api/models/org/tiny/revision/main') return refuse(404, 'RepoNotFound');
      const siblings = Object.keys(hub.files).map((rfilename) => ({ rfilename }));
      return response.end(JSON.stringify({ sha: 'c0ffee', siblings }));
    }
    const cached = hub.cache && path.startsWith(hub.cache) ? path.slice(hub.cache.length) : undefined;
    const file = cached ?? /^\/org\/tiny\/resolve\/(?:c0ffee|main)\/(.+)$/.exec(path)?.[1];
    const stored = file && hub.files[file];
    if (stored === undefined || stored === '') return refuse(404, 'EntryNotFound');
    const content = Buffer.from(stored);
    const large = content.length >= 100;
    const etag = `"${createHash(large ? 'sha256' : 'sha1')
      .update(content)
      .digest('hex')}"`;
    if (hub.cache && !large && cached === undefined)
      return response.writeHead(307, { location: `${hub.cache}${file}` }).end();
    if (large && request.method === 'HEAD') {
      const linked = { 'x-linked-etag': etag, 'x-linked-size': content.length };
      return response.writeHead(302, { location: `${hub.storage?.url}/${file}`, ...linked }).end();
    }
    if (request.method === 'GET' && hub.intercept?.(request, response, content)) return;
    if (large && hub.storage)
      return response.writeHead(302, { location: `${hub.storage.url}/${file}` }).end();
    return sendContent(request, response, content, etag);
  });
}
