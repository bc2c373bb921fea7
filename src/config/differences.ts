import type { Config } from './schema.js';

/** An option that differs between two configs, with both values. */
export interface Difference {
  key: string;
  values: [unknown, unknown];
}

/** The options in which two configs differ, in the order of the schema. */
export function configDifferences(a: Config, b: Config): Difference[] {
  return differences(a, b, '');
}

/** What keeps a run from going on with a config: also another order of the tasks, in which outputs and their channels stand. */
export function resumeDifferences(saved: Config, config: Config): Difference[] {
  const found = configDifferences(saved, config);
  const orders = [Object.keys(saved.tasks), Object.keys(config.tasks)] as const;
  if (found.length > 0 || orders[0].join() === orders[1].join()) return found;
  return [{ key: 'the order of tasks', values: [...orders] }];
}

/** "training.batchSize was 16 and is 8" */
export function differenceText({ key, values: [was, is] }: Difference): string {
  return `${key} was ${JSON.stringify(was)} and is ${JSON.stringify(is)}`;
}

function differences(a: unknown, b: unknown, key: string): Difference[] {
  if (!isMapping(a) || !isMapping(b))
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ key, values: [a, b] }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((name) => differences(own(a, name), own(b, name), key ? `${key}.${name}` : name));
}

const own = (mapping: Record<string, unknown>, name: string) =>
  Object.hasOwn(mapping, name) ? mapping[name] : undefined;

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
