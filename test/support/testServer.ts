import { afterEach } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  path: string;
  range?: string;
  authorization?: string;
}

export interface TestServer {
  url: string;
  /** Every request so far. */
  seen: Seen[];
}

/** A maker of servers on 127.0.0.1 that are gone after the test. Call it at the top of a test file. */
export function testServers() {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  return async (
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<TestServer> => {
    const seen: Seen[] = [];
    const server = createServer((request, response) => {
      const { range, authorization } = request.headers;
      const about = { method: request.method!, path: request.url! };
      seen.push({ ...about, ...(range && { range }), ...(authorization && { authorization }) });
      answer(request, response);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  };
}

/** An address at which nothing listens (any more). */
export async function unusedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

/** Sends content as a file server does: with an etag, and parts of it where Range (and If-Range) ask. */
export function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  etag: string,
) {
  const { range, 'if-range': condition } = request.headers;
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? Number.NaN);
  const partial = !Number.isNaN(start) && (!condition || condition === etag);
  const rest = partial ? content.subarray(start) : content;
  response.writeHead(partial ? 206 : 200, {
    etag,
    'content-length': rest.length,
    ...(partial && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  if (request.method === 'HEAD') response.end();
  else response.end(rest);
}
