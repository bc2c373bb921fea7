/**
 * The circles of a graph: sets of nodes each of which is reached from all others of its set, more than one or one
 * that leads to itself (Tarjan 1972, strongly connected components).
 */
export function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const walk = (node: string) => {
    numbers.set(node, numbers.size);
    lowest.set(node, numbers.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!numbers.has(next)) walk(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== numbers.get(node)) return;
    const set = stack.splice(stack.indexOf(node));
    if (set.length > 1 || graph.get(node)?.includes(node)) found.push(set.sort());
  };
  for (const node of graph.keys()) if (!numbers.has(node)) walk(node);
  return found;
}
