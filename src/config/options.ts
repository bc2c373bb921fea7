import { z } from 'zod';
import { configSchema } from './schema.js';

/** What of JSON Schema the config's schema makes use of. */
export interface OptionSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  properties?: Record<string, OptionSchema>;
  required?: string[];
  additionalProperties?: OptionSchema | false;
  items?: OptionSchema;
  /** Of a list of a set length, one by one. */
  prefixItems?: OptionSchema[];
  anyOf?: OptionSchema[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

export interface Option {
  /** `training.epochs.rate`; `tasks.NAME.folder` under free names, `training.schedule[].rate` in lists. */
  path: string;
  schema: OptionSchema;
  required: boolean;
  /** A mapping of options rather than a value. */
  section: boolean;
}

/** The schema of a whole config, as plain data. */
export const rootSchema = z.toJSONSchema(configSchema, { io: 'input' }) as OptionSchema;

/** Every option in the schema's order, sections before what is in them. */
export function listOptions(schema = rootSchema, path = ''): Option[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const own = path ? `${path}.${key}` : key;
    const required = schema.required?.includes(key) ?? false;
    const items = objectIn(child);
    const below = items ? listOptions(items.schema, own + items.suffix) : [];
    return [{ path: own, schema: child, required, section: child.properties !== undefined }, ...below];
  });
}

/** The mapping that an option is, or is a table or list of. */
function objectIn(schema: OptionSchema): { schema: OptionSchema; suffix: string } | undefined {
  if (schema.properties) return { schema, suffix: '' };
  if (schema.additionalProperties && schema.additionalProperties.properties)
    return { schema: schema.additionalProperties, suffix: '.NAME' };
  const list = [schema, ...(schema.anyOf ?? [])].find((choice) => choice.items?.properties);
  return list && { schema: list.items!, suffix: '[]' };
}

/** The schema of the value at a path, or nothing where there is no such option. */
export function schemaAt(path: readonly PropertyKey[], schema = rootSchema): OptionSchema | undefined {
  let at: OptionSchema | undefined = schema;
  for (const key of path) {
    const choices: OptionSchema[] = at === undefined ? [] : [at, ...(at.anyOf ?? [])];
    at = undefined;
    for (const choice of choices) {
      if (typeof key === 'number') at ??= choice.prefixItems?.[key] ?? choice.items;
      else at ??= choice.properties?.[String(key)] ?? (choice.additionalProperties || undefined);
    }
  }
  return at;
}

/** What a value may be, in words: "a whole number from 8 to 512", "IO, BIO or BIOU". */
export function allowed(schema: OptionSchema): string {
  if (schema.anyOf) return schema.anyOf.map(allowed).join(', or ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return either(schema.enum.map(String));
  const types = [schema.type ?? []].flat();
  return types.map((type) => allowedOfType(type, schema)).join(', or ');
}

function allowedOfType(type: string, schema: OptionSchema): string {
  if (type === 'integer') return `a whole number${range(schema)}`;
  if (type === 'number') return `a number${range(schema)}`;
  if (type === 'string') return 'text';
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return `a list of: ${allowed(schema.prefixItems?.[0] ?? schema.items ?? {})}`;
  if (type === 'object' && schema.properties)
    return `a section with ${Object.keys(schema.properties).join(', ')}`;
  if (type === 'object') return `a table of names and ${allowed(schema.additionalProperties || {})}`;
  return type;
}

function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: OptionSchema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && most !== undefined) return ` from ${minimum} to ${most}`;
  const low = minimum !== undefined ? ` of at least ${minimum}` : ` above ${exclusiveMinimum}`;
  const high = most !== undefined ? ` of at most ${most}` : ` below ${exclusiveMaximum}`;
  const bounds = [low, high].filter((bound) => !bound.endsWith('undefined'));
  return bounds.join(' and');
}

function either(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
