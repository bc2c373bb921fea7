/** Numbers of tags and of moves between them, `[(tags + 2) * tags]`: from each tag to each, at the start, at the end. */
export interface Potentials {
  emissions: ArrayLike<number>; // [units * tags]
  moves: ArrayLike<number>; // [(tags + 2) * tags]
}

/**
 * What a move scores, by its row and column in `moves`; -Infinity where it is not possible.
 * @param possible [(tags + 2) * tags], as `moves`: 1 for what can be. Tag 0 can always be.
 */
export function moveOf({ moves }: Potentials, possible: ArrayLike<number>, tags: number) {
  const allowed = Float64Array.from(moves, (move, at) => (possible[at] ? move : -Infinity));
  return (row: number, to: number) => allowed[row * tags + to]!;
}

/**
 * The tags of the best path through a text (Viterbi 1967), by moves that are possible alone. Of paths that are as good
 * the one whose last tag that differs is the smaller.
 * @param possible [(tags + 2) * tags], as `moveOf` has it
 * @returns [units]
 */
export function bestPath(potentials: Potentials, possible: ArrayLike<number>, tags: number): Uint8Array {
  const { emissions } = potentials;
  const units = emissions.length / tags;
  const path = new Uint8Array(units);
  if (units === 0) return path;
  const move = moveOf(potentials, possible, tags);

  const cameFrom = new Uint8Array(units * tags);
  let best = Float64Array.from({ length: tags }, (_, tag) => move(tags, tag) + emissions[tag]!);
  for (let unit = 1; unit < units; unit++) {
    const next = new Float64Array(tags);
    for (let to = 0; to < tags; to++) {
      let [from, most] = [0, -Infinity];
      for (let tag = 0; tag < tags; tag++) {
        const score = best[tag]! + move(tag, to);
        if (score > most) [from, most] = [tag, score];
      }
      cameFrom[unit * tags + to] = from;
      next[to] = most + emissions[unit * tags + to]!;
    }
    best = next;
  }

  const ended = best.map((score, tag) => score + move(tags + 1, tag));
  let tag = 0;
  for (let other = 1; other < tags; other++) if (ended[other]! > ended[tag]!) tag = other;
  for (let unit = units - 1; unit >= 0; unit--) {
    path[unit] = tag;
    tag = cameFrom[unit * tags + tag]!;
  }
  return path;
}
