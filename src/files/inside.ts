import { isAbsolute, normalize } from 'node:path';

/**
 * Whether a path that a file names stays inside of the folder that it is relative to, and is not that folder itself.
 * No backslash, drive or NUL either: what leads out on one system must not be written on another.
 */
export function isInside(path: string): boolean {
  if (path === '' || isAbsolute(path) || /[\0\\]|^[A-Za-z]:/.test(path)) return false;
  return !/^\.\.?(\/|$)/.test(normalize(path));
}
