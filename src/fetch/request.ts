import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../errors.js';
import type { Patience, Transfer } from './transfer.js';

/** Nothing answers there: another source of the same thing may. */
export class UnreachableError extends InputError {
  constructor(
    readonly reason: string,
    readonly advice: string,
  ) {
    super(`${reason}: ${advice}`);
  }
}

/** A failure that may pass: worth another try after a while. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    /** What the server asked for with Retry-After. */
    readonly waitSeconds?: number,
  ) {
    super(message);
  }
}

export const defaultPatience: Patience = { tries: 6, pauseMilliseconds: 1000, silenceMilliseconds: 60_000 };

/**
 * Sends a request; passing failures are a PassingFailure, answers are given back whatever their status.
 * @throws UnreachableError where the name does not resolve, nothing listens or the certificate is not trusted
 */
export async function request(
  url: string,
  options: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw explainNetworkError(error, url);
  }
  if ([408, 429, 500, 502, 503, 504].includes(response.status)) {
    await response.body?.cancel();
    const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
    throw new PassingFailure(
      `the server answered ${response.status}`,
      Number.isFinite(wait) ? wait : undefined,
    );
  }
  return response;
}

/** What a failed connection means for the user; errors of anything else stay as they are. */
export function explainNetworkError(error: unknown, url: string): Error {
  if (error instanceof InputError || error instanceof PassingFailure) return error;
  const { cause, name } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return new PassingFailure('nothing came for too long');
  if (!cause) return error as Error; // not of the connection: the disk, say
  const code = cause.code ?? cause.message ?? 'no reason given';
  const { host } = new URL(url);
  if (/CERT|SIGNATURE|SELF_SIGNED|ISSUER|ERR_TLS/.test(code)) {
    const advice = 'where a proxy looks into connections, set NODE_EXTRA_CA_CERTS to its certificate';
    return new UnreachableError(`the certificate of ${host} is not trusted (${code})`, advice);
  }
  if (['ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code))
    return new UnreachableError(`${host} cannot be reached (${code})`, proxyAdvice());
  return new PassingFailure(`the connection broke (${code})`);
}

function proxyAdvice(): string {
  const { https_proxy: lower, HTTPS_PROXY: upper, NODE_USE_ENV_PROXY: used } = process.env;
  if (!(lower ?? upper) || used === '1') return 'check the network, or take another source';
  return 'HTTPS_PROXY is set, but Node follows it only from version 24 on and with NODE_USE_ENV_PROXY=1';
}

/** The server that a variable of the environment names, else the usual one; without a slash at its end. */
export function endpointOf(environment: NodeJS.ProcessEnv, variable: string, usual: string): string {
  const given = environment[variable] || usual;
  if (!/^https?:\/\/[^/]/.test(given) || !URL.canParse(given))
    throw new InputError(`${variable} is ${given}, which is no address; write https://…`);
  return given.replace(/\/+$/, '');
}

/**
 * Repeats `action` while it fails in a passing way, with growing pauses. `progressed` says whether the last
 * try brought anything: then the count begins anew. People are told of the pauses.
 */
export async function withPatience<T>(
  what: string,
  { patience, progress, signal }: Pick<Transfer, 'patience' | 'progress' | 'signal'>,
  action: () => Promise<T>,
  progressed: () => boolean = () => false,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      if (progressed()) failures = 1;
      if (failures >= patience.tries)
        throw new UnreachableError(
          `${what}: ${error.message}, ${failures} times in a row`,
          'run the same command later; what came so far is kept',
        );
      const longest = 60_000;
      const asked = error.waitSeconds === undefined ? 0 : error.waitSeconds * 1000;
      const pause = Math.min(longest, Math.max(asked, patience.pauseMilliseconds * 2 ** (failures - 1)));
      progress.notice(`${what}: ${error.message}; trying again in ${Math.ceil(pause / 1000)} s`);
      await sleep(pause, undefined, { signal });
    }
  }
}
