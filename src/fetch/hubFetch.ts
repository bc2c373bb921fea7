import { setImmediate } from 'node:timers/promises';
import { request, withPatience } from './request.js';
import type { Transfer } from './transfer.js';

/** The hub's library takes no tokens but its own hub's: this stands for one, and for none, until a request is sent. */
const PLACEHOLDER = 'hf_';

/** The slowest that a file is sent: bytes a millisecond. */
const SLOWEST = 50;

/**
 * A `fetch` for the hub's library: it sends the token to the hub alone, tries again what fails in a passing way, and tells how
 * many bytes of large files were sent.
 */
export function hubFetch(
  { hubUrl, token }: { hubUrl: string; token: string | undefined },
  transfer: Pick<Transfer, 'patience' | 'progress' | 'signal'>,
): { fetch: typeof fetch; accessToken: typeof PLACEHOLDER } {
  const { patience, progress } = transfer;
  return {
    accessToken: PLACEHOLDER,
    async fetch(input, init = {}) {
      const url = input instanceof Request ? input.url : String(input);
      const headers = new Headers(init.headers);
      if (headers.get('authorization') === `Bearer ${PLACEHOLDER}`) {
        if (token !== undefined && url.startsWith(`${hubUrl}/`))
          headers.set('authorization', `Bearer ${token}`);
        else headers.delete('authorization');
      }
      const size = init.body instanceof Blob ? init.body.size : 0;
      const signals = [transfer.signal, init.signal].filter((signal) => !!signal);
      const response = await withPatience(url, transfer, () => {
        const patient = AbortSignal.timeout(Math.ceil(patience.silenceMilliseconds + size / SLOWEST));
        return request(url, { ...init, headers, signal: AbortSignal.any([...signals, patient]) });
      }).catch(async (error: unknown) => {
        await setImmediate(); // the library waits forever where it hears of a failure before it has told of the file
        throw error;
      });
      if (response.ok) progress.add(size);
      return response;
    },
  };
}
