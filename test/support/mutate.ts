/** The value of a JSON file with something else at one of its places; `undefined` takes the place out. */
export function mutateJson(value: unknown, place: number, other: unknown): unknown {
  const places = pathsOf(value);
  return put(value, places[place % places.length]!, other);
}

function pathsOf(value: unknown): PropertyKey[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  const below = Object.entries(value).flatMap(([key, child]) =>
    pathsOf(child).map((path) => [Array.isArray(value) ? Number(key) : key, ...path]),
  );
  return [[], ...below];
}

function put(value: unknown, [key, ...rest]: PropertyKey[], other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    const changed = value.map((child, i) => (i === key ? put(child, rest, other) : child));
    return other === undefined && rest.length === 0 ? changed.filter((_, i) => i !== key) : changed;
  }
  const entries = Object.entries(value as object).flatMap(([name, child]) => {
    if (name !== key) return [[name, child]];
    return rest.length === 0 && other === undefined ? [] : [[name, put(child, rest, other)]];
  });
  return Object.fromEntries(entries);
}
