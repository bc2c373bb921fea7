import { UsageError } from '../errors.js';
import type { Tree } from './tree.js';
import { parseYaml } from './yaml.js';

/**
 * The tree of one `--set section.key=value`. The value is YAML: a number, text, [a, list], {a: mapping}.
 * @throws UsageError that quotes the option.
 */
export function parseSet(setting: string): Tree {
  const where = `--set ${setting.length > 200 ? `${setting.slice(0, 200)}…` : setting}`;
  const equals = setting.indexOf('=');
  const keys = setting.slice(0, equals).trim().split('.');
  if (equals < 0 || keys.includes(''))
    throw new UsageError(`${where}: write it as section.key=value, --set training.batchSize=8`);
  const value = parseYaml(setting.slice(equals + 1), () => where);
  return settingTree(keys, value);
}

/** The tree in which one option has a value: `keys` are the parts of `section.key`. */
export function settingTree(keys: string[], value: Tree): Tree {
  const { where } = value;
  return keys.reduceRight<Tree>((tree, key) => ({ where, value: new Map([[key, tree]]) }), value);
}
