/** Damaged contents of files, drawn from numbers. */

/** Numbers from a seed: mulberry32. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below) => Math.floor(next() * below);
  return { int, pick: (list) => list[int(list.length)] };
}

const NASTY = [
  ...['', '\0', '\u001b[31m', '\u202e', '\ufeff', '__proto__', 'constructor', '../../escaped', '/dev/zero'],
  ...['-1', '0', '1e9', '1e400', '9007199254740993', 'NaN', 'null', 'true', '[]', '{}', '"', '\t', '\r\n', '*a', '&a'],
  ...['x'.repeat(100_000), '[['.repeat(20_000), '9'.repeat(400), 'ñ', '\ud83d\ude00'],
]; // prettier-ignore

const VALUES = [
  ...[null, true, -1, 0, 0.5, 1e9, 2 ** 53, 1e308, '', 'x', '../../escaped', '\u001b[31m', [], {}, [null], [[]]],
  ...[{ __proto__: 1 }, JSON.parse('{"__proto__": {}}'), 'x'.repeat(10_000), new Array(1000).fill(0)],
]; // prettier-ignore

/** A content with one to three things wrong with it. */
export function damage(bytes, random) {
  let changed = bytes;
  for (let i = random.int(3); i >= 0; i--) changed = random.pick(kindsFor(changed))(changed, random);
  return changed;
}

function kindsFor(bytes) {
  const isText = bytes.length < 2 ** 20 && !bytes.includes(0);
  const general = [flip, truncate, cutOut, repeat, nasty, empty];
  return isText ? [...general, lines, number, word, json, json, json] : general;
}

const flip = (bytes, random) => {
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[random.int(Math.min(changed.length, 4096))] = random.int(256);
  return changed;
};
const truncate = (bytes, random) => bytes.subarray(0, random.int(bytes.length + 1));
const empty = (bytes, random) => (random.int(8) === 0 ? Buffer.alloc(0) : flip(bytes, random));
const cutOut = (bytes, random) => {
  const from = random.int(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.int(40))]);
};
const repeat = (bytes, random) => {
  const from = random.int(bytes.length + 1);
  const part = bytes.subarray(from, from + random.int(200));
  const copies = new Array(1 + random.int(50)).fill(part);
  return Buffer.concat([bytes.subarray(0, from), ...copies, bytes.subarray(from)]);
};
const nasty = (bytes, random) => {
  const at = random.int(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(NASTY)), bytes.subarray(at)]);
};

function lines(bytes, random) {
  const all = bytes.toString().split('\n');
  const [a, b] = [random.int(all.length), random.int(all.length)];
  const changes = [
    () => ([all[a], all[b]] = [all[b], all[a]]),
    () => all.splice(a, 1),
    () => all.splice(a, 0, all[b]),
    () => (all[a] = random.pick(NASTY)),
    () => all.splice(a, 0, ...new Array(2000).fill(all[b])),
  ];
  random.pick(changes)();
  return Buffer.from(all.join('\n'));
}

/** One of the numbers that stand in a text becomes another. */
function number(bytes, random) {
  return replaceOne(bytes, /-?\d+(\.\d+)?/g, random, ['-1', '0', '1e9', '99999999999', '0.5', '1e400', 'x', '7', '3']);
} // prettier-ignore

function word(bytes, random) {
  return replaceOne(bytes, /[A-Za-z_]{3,}/g, random, NASTY);
}

function replaceOne(bytes, pattern, random, choices) {
  const text = bytes.toString();
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return flip(bytes, random);
  const { index, 0: old } = random.pick(found);
  return Buffer.from(text.slice(0, index) + random.pick(choices) + text.slice(index + old.length));
}

/** A value somewhere in JSON becomes another, or goes. */
function json(bytes, random) {
  let value;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return lines(bytes, random);
  }
  const places = [];
  const gather = (parent) => {
    for (const key of Object.keys(parent).slice(0, 500)) {
      places.push([parent, key]);
      if (typeof parent[key] === 'object' && parent[key] !== null) gather(parent[key]);
    }
  };
  if (typeof value !== 'object' || value === null) return nasty(bytes, random);
  gather(value);
  if (places.length === 0) return nasty(bytes, random);
  const [parent, key] = random.pick(places);
  if (random.int(4) === 0) delete parent[key];
  else parent[key] = random.pick(VALUES);
  return Buffer.from(JSON.stringify(value, null, 2));
}
