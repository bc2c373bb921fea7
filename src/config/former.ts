import { pathText } from '../files/issue.js';
import type { Tree } from './tree.js';

/** What options and their values were called in earlier versions, whose config.yaml are in the folders of their runs. */
export interface Former {
  /** By the option's path today: former values, and what they are now. */
  values: Record<string, Record<string, string>>;
  /** Former paths of options, and those of today in the same section. */
  names: Record<string, string>;
}

const former: Former = {
  values: { 'model.outputs': { two: 'perTask', single: 'joint' } },
  names: {},
};

/** A config as this version calls things; one that names an option both ways keeps both, which is a mistake. */
export function withoutFormer(tree: Tree, { names, values }: Former = former, path: string[] = []): Tree {
  if (tree.value instanceof Map) {
    const section = tree.value;
    const entries = [...section].map(([key, child]): [string, Tree] => {
      const today =
        own(names, pathText([...path, key]))
          ?.split('.')
          .at(-1) ?? key;
      const name = today !== key && section.has(today) ? key : today;
      return [name, withoutFormer(child, { names, values }, [...path, name])];
    });
    return { ...tree, value: new Map(entries) };
  }
  const known = own(values, pathText(path)) ?? {};
  const value = typeof tree.value === 'string' ? own(known, tree.value) : undefined;
  return value === undefined ? tree : { ...tree, value };
}

function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
