import { pathText } from '../files/issue.js';
import type { Tree } from './tree.js';

/** By an option's path: values that earlier versions, whose config.yaml are in the folders of their runs, called otherwise. */
const former: Record<string, Record<string, string>> = {
  'model.outputs': { two: 'perTask', single: 'joint' },
};

/** A config whose values are called as this version calls them. */
export function withoutFormer(tree: Tree, path: string[] = []): Tree {
  if (tree.value instanceof Map) {
    const entries = [...tree.value].map(([key, child]): [string, Tree] => [
      key,
      withoutFormer(child, [...path, key]),
    ]);
    return { ...tree, value: new Map(entries) };
  }
  const known = own(former, pathText(path)) ?? {};
  const value = typeof tree.value === 'string' ? own(known, tree.value) : undefined;
  return value === undefined ? tree : { ...tree, value };
}

function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
