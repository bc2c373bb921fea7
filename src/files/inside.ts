import { isAbsolute, normalize, resolve, sep } from 'node:path';

/**
 * Whether a path that a file names stays inside of the folder that it is relative to, and is not that folder itself.
 * No backslash, drive or NUL either: what leads out on one system must not be written on another.
 */
export function isInside(path: string): boolean {
  if (path === '' || isAbsolute(path) || /[\0\\]|^[A-Za-z]:/.test(path)) return false;
  return !/^\.\.?(\/|$)/.test(normalize(path));
}

/** Whether a name that a file gives (of a document, of an experiment) is one, and no path: it can name a file here and elsewhere. */
export function isFileName(name: string): boolean {
  return isInside(name) && !name.includes('/');
}

/** Whether something would be below a folder, however the two are written. */
export function isBelow(path: string, folder: string): boolean {
  return resolve(path).startsWith(resolve(folder) + sep);
}
