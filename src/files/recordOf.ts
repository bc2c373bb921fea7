import { z } from 'zod';

/**
 * A schema of a table whose keys are names of the user's own. Zod's records leave out the key `__proto__`,
 * which may be the name of a label like any other: here it is held to the schema of the values, and kept.
 */
export function recordOf<V extends z.ZodType>(names: z.ZodType<string, string>, values: V) {
  const record = z.record(names, values);
  return z
    .unknown()
    .transform((given, { issues }) => {
      const known = record.safeParse(given);
      const own = Object.entries(given ?? {}).filter(([name]) => name === PROTO);
      const read = own.map(([name, value]) => [name, values.safeParse(value)] as const);
      const wrong = [
        ...(known.error?.issues ?? []),
        ...read.flatMap(([name, { error }]) =>
          (error?.issues ?? []).map((issue) => ({ ...issue, path: [name, ...issue.path] })),
        ),
      ];
      for (const issue of wrong as unknown as typeof issues) issues.push(issue);
      const entries = [...Object.entries(known.data ?? {}), ...read.map(([name, { data }]) => [name, data])];
      return Object.fromEntries(entries) as Record<string, z.output<V>>;
    })
    .meta(z.toJSONSchema(record, { io: 'input' }) as Record<string, unknown>);
}

const PROTO = '__proto__';
