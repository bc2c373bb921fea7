import type { OptionSchema } from './options.js';

/** A value of a config with the place it comes from: a line of a file, or an option of the command line. */
export interface Tree {
  where: string;
  value: string | number | boolean | null | Tree[] | Map<string, Tree>;
}

/** `over` laid on `base`: mappings key by key, everything else replaces. */
export function mergeTrees(base: Tree, over: Tree): Tree {
  if (!(base.value instanceof Map) || !(over.value instanceof Map)) return over;
  const entries = new Map(base.value);
  for (const [key, tree] of over.value) {
    const below = entries.get(key);
    entries.set(key, below ? mergeTrees(below, tree) : tree);
  }
  return { where: over.where, value: entries };
}

/** A section without a value, all of its lines commented out, is an empty one: it changes nothing. */
export function openSections(tree: Tree, schema: OptionSchema): Tree {
  if (!schema.properties) return tree;
  if (tree.value === null) return { ...tree, value: new Map() };
  return mapEntries(tree, (child, key) => openSections(child, schema.properties?.[key] ?? {}));
}

/** In tables of free names (tasks, thresholds) null takes out what an extended config has put there. */
export function dropRemoved(tree: Tree, schema: OptionSchema): Tree {
  if (!(tree.value instanceof Map)) return tree;
  if (!schema.additionalProperties)
    return mapEntries(tree, (child, key) => dropRemoved(child, schema.properties?.[key] ?? {}));
  return { ...tree, value: new Map([...tree.value].filter(([, child]) => child.value !== null)) };
}

function mapEntries(tree: Tree, change: (child: Tree, key: string) => Tree): Tree {
  if (!(tree.value instanceof Map)) return tree;
  return { ...tree, value: new Map([...tree.value].map(([key, child]) => [key, change(child, key)])) };
}

/** The bare values. */
export function plain({ value }: Tree): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, tree]) => [key, plain(tree)]));
  return value;
}

/** The tree of bare values that all come from one place. */
export function treeOf(value: unknown, where: string): Tree {
  if (Array.isArray(value)) return { where, value: value.map((item) => treeOf(item, where)) };
  if (value === null || typeof value !== 'object') return { where, value: value as Tree['value'] };
  const entries = Object.entries(value).map(([key, child]): [string, Tree] => [key, treeOf(child, where)]);
  return { where, value: new Map(entries) };
}

/** The tree at a path, or nothing. */
export function treeAt(tree: Tree, path: readonly PropertyKey[]): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const key of path) {
    if (Array.isArray(at?.value)) at = at.value[Number(key)];
    else if (at?.value instanceof Map) at = at.value.get(String(key));
    else return undefined;
  }
  return at;
}

/** Where the value at a path comes from; for one that is not there, the nearest thing above it. */
export function whereIs(tree: Tree, path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length--) {
    const found = treeAt(tree, path.slice(0, length));
    if (found) return found.where;
  }
  return tree.where;
}
