import type { z } from 'zod';
import { nearest } from './nearest.js';
import { allowed, listOptions, type OptionSchema, rootSchema, schemaAt } from './options.js';
import { pathText } from '../files/issue.js';
import { shown } from '../files/shown.js';
import { type Tree, treeAt, plain, whereIs } from './tree.js';

/** A fault in the values of a config, before it is put in words for people. */
export interface Problem {
  path: readonly PropertyKey[];
  /** What is wrong, or how to say it, where that takes a search. */
  message: string | (() => string);
}

/**
 * Problems as people read them, in the order of the lines they stand on:
 * "configs/my.yaml:12: training.batchSize is 0; it must be a whole number from 1 to 65536".
 */
export function describeProblems(problems: Problem[], tree: Tree, what = 'config'): string {
  const lineOf = ({ path }: Problem) => Number(/:(\d+)$/.exec(whereIs(tree, path))?.[1] ?? Infinity);
  const sorted = problems
    .map((problem) => ({ problem, line: lineOf(problem) }))
    .sort((a, b) => compareNumbers(a.line, b.line));
  return listOf(
    sorted.map(({ problem: { path, message } }) => () => {
      const text = typeof message === 'string' ? message : message();
      return `${whereIs(tree, path)}: ${pathText(path)} ${text}`;
    }),
    what,
  );
}

/** One sentence as it is; several under a heading, each once, and no more than a person reads. */
export function listOf(sentences: (() => string)[], what = 'config'): string {
  const distinct = new Set(sentences.slice(0, MOST_TOLD).map((sentence) => sentence()));
  const more = Math.max(0, sentences.length - MOST_TOLD);
  const all = distinct.size + more;
  if (all === 1) return [...distinct][0]!;
  const rest = more > 0 ? [`and ${more} more`] : [];
  return `the ${what} has ${all} mistakes\n  ${[...distinct, ...rest].join('\n  ')}`;
}

const MOST_TOLD = 50;

/** What a schema, the config's by default, finds wrong: one problem for each value. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  tree: Tree,
  root: OptionSchema = rootSchema,
): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: () => unknownKey(issue.path, key, root),
      }));
    return [{ path: issue.path, message: () => wrongValue(issue, tree, root) }];
  });
}

function wrongValue(issue: z.core.$ZodIssue, tree: Tree, root: OptionSchema): string {
  const { path } = issue;
  const schema = schemaAt(path, root);
  const found = treeAt(tree, path);
  if (!found) {
    const purpose = schema?.description ? ` (${schema.description})` : '';
    return `is missing${purpose}; it must be ${allowed(schema ?? {})}`;
  }
  if (issue.code === 'invalid_key') return `has a name that is not allowed: ${issue.issues[0]?.message}`;
  const value = plain(found);
  if (issue.code === 'custom' && value !== null && typeof value === 'object' && !Array.isArray(value))
    return issue.message;
  if (issue.code === 'custom' || issue.code === 'invalid_format')
    return `is ${shown(value)}: ${issue.message}`;
  if (value === '') return 'is empty; give it a value';
  if (Array.isArray(value) && value.length === 0) return 'is an empty list; it needs at least one entry';
  return `is ${shown(value)}; it must be ${allowed(schema ?? {})}`;
}

function unknownKey(path: readonly PropertyKey[], key: string, root: OptionSchema): string {
  const siblings = Object.keys(schemaAt(path, root)?.properties ?? {});
  const sibling = nearest(key, siblings);
  if (sibling !== undefined) return `is unknown; did you mean ${pathText([...path, sibling])}?`;
  const elsewhere = listOptions(root).map((option) => option.path);
  const names = elsewhere.map((option) => option.split('.').at(-1)!);
  const name = nearest(key, names);
  if (name !== undefined) {
    const depth = (option: string) => option.split('.').length;
    const named = elsewhere.filter((_, i) => names[i] === name);
    const below = named.filter((option) => option.startsWith(`${pathText(path)}.`));
    const all = below.length > 0 ? below : named;
    const homes = all.filter((option) => depth(option) === Math.min(...all.map(depth)));
    return `is unknown; did you mean ${homes.join(' or ')}?`;
  }
  return siblings.length > 0 ? `is unknown; the keys here are ${siblings.join(', ')}` : 'is unknown';
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
