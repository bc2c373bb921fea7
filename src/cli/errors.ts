import { InputError } from '../errors.js';
import { coloursOf } from './colours.js';
import { print } from './output.js';

/**
 * Prints an error as one sentence on stderr and returns the process's exit status. Errors that are not
 * about what the user gave are mistakes of the program: they say how to see where.
 */
export function reportError(error: unknown, debug = process.env.DEBUG === 'meddoprof'): number {
  const { red } = coloursOf(process.stderr);
  print(process.stderr, `${red('error:')} ${cutLines(sentenceOf(error))}`);
  if (debug && error instanceof Error) print(process.stderr, `${error.stack}`);
  return error instanceof InputError ? error.exitCode : 1;
}

/** What people read of an error. */
function sentenceOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const meaning = code !== undefined && systemErrors[code];
  if (meaning) return path === undefined ? `${meaning} (${error.message})` : `${path}: ${meaning}`;
  return `${error.message} (unexpected; DEBUG=meddoprof shows where it happened)`;
}

/** A name of a megabyte is not read to its end. */
function cutLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}… (cut)` : line))
    .join('\n');
}

const LONGEST_LINE = 2000;

const systemErrors: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied; change its permissions or choose another place',
  EPERM: 'permission denied; change its permissions or choose another place',
  EROFS: 'the file system is read-only; choose another place',
  ENOSPC: 'the disk is full; make room and run the command again',
  EDQUOT: 'the disk quota is used up; make room and run the command again',
  EISDIR: 'this is a folder, where a file is needed',
  ENOTDIR: 'part of the path is a file, where a folder is needed',
  EEXIST: 'this exists already; remove it or choose another name',
  ELOOP: 'this is a link that leads back to itself; make it lead somewhere',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  ENXIO: 'this is a socket or a device, where a file is needed',
  ERR_INVALID_ARG_VALUE: 'a path with a NUL character leads nowhere; take it out',
  EMFILE: 'too many open files; raise the limit with ulimit -n',
};
