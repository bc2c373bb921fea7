/**
 * The crash points of processes: before each call that changes the disk, and in the midst of each that writes. They
 * come so that the first ones are of all kinds: one of each kind, then a second one of each, and so on; of a kind the
 * first, the last, then whichever `draw` draws.
 * @param processes what each did, as faults.mjs counts it
 * @param draw gives a number from 0 to 1
 * @returns {{kind: string, process: string, kill: number, half: boolean}[]}
 */
export function crashPoints(processes, draw) {
  const kinds = new Map();
  for (const point of processes.flatMap(pointsOf))
    kinds.set(point.kind, [...(kinds.get(point.kind) ?? []), point]);
  const ranked = [...kinds.values()].flatMap(([first, ...others]) => {
    const order = [first, ...others.splice(-1), ...shuffled(others, draw)];
    return order.map((point, rank) => ({ rank, point }));
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ point }) => point);
}

/** How many kinds there are among points. */
export function kindsIn(points) {
  return new Set(points.map(({ kind }) => kind)).size;
}

function pointsOf({ process, calls }) {
  return calls.flatMap(({ operation, path }, i) => {
    const kind = `${alike(process)}: ${operation} ${alike(path)}`;
    const before = { kind, process, kill: i + 1, half: false };
    return operation === 'write' ? [before, { ...before, kind: `${kind}, half`, half: true }] : [before];
  });
}

/** A path or command without what tells one of a kind from another: whose temporary file it is, numbers, settings. */
function alike(text) {
  return text
    .replace(/\.\d+-\d+-[0-9a-f]{8}-[0-9a-f]{8}\.tmp/g, '.tmp')
    .replace(/ --set .*/, '')
    .replace(/\d+/g, '#');
}

function shuffled(list, draw) {
  return list.map((one) => [draw(), one]).sort(([a], [b]) => a - b).map(([, one]) => one); // prettier-ignore
}
