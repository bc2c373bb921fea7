/** Two numbers of 32 bits that say which random numbers are drawn. */
export type UniformSeed = readonly [number, number];

/** Multipliers of the rounds and increments of the key (Salmon et al. 2011, table 2). */
const [M0, M1] = [0xd2511f53, 0xcd9e8d57];
const [W0, W1] = [0x9e3779b9, 0xbb67ae85];
const ROUNDS = 10;

/** TensorFlow's key for scrambling seeds (stateless_random_ops.cc, GenerateKey). */
const SCRAMBLE = [0x3ec8f720, 0x02461e29] as const;

/** A stream of random numbers: counters count upwards from `counter` under `key`. */
export interface Stream {
  key: [number, number];
  counter: [number, number, number, number];
}

/** The stream of TensorFlow's StatelessRandomUniform for a seed. */
export function streamOf([first, second]: UniformSeed): Stream {
  const mixed = new Int32Array([first, -Number(first < 0), second, -Number(second < 0)]);
  philox(mixed, SCRAMBLE[0], SCRAMBLE[1]);
  return { key: [mixed[0]!, mixed[1]!], counter: [0, 0, mixed[2]!, mixed[3]!] };
}

/**
 * Fills `out` with numbers from [0, 1): to the last bit those of TensorFlow's StatelessRandomUniform, so
 * that every engine drops the same units.
 */
export function fillUniform(out: Float32Array, seed: UniformSeed): void {
  const { key, counter } = streamOf(seed);
  const four = new Int32Array(4);
  const floats = new Float32Array(four.buffer);
  for (let at = 0; at < out.length; at += 4) {
    four.set(counter);
    four[0] = at / 4;
    philox(four, key[0], key[1]);
    for (let i = 0; i < 4; i++) four[i] = (four[i]! & 0x7fffff) | 0x3f800000; // a float from [1, 2)
    for (let i = 0; i < 4 && at + i < out.length; i++) out[at + i] = floats[i]! - 1;
  }
}

/** Philox 4x32-10 in place (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). */
function philox(counter: Int32Array, k0: number, k1: number): void {
  let [a, b, c, d] = counter as unknown as [number, number, number, number];
  for (let round = 0; round < ROUNDS; round++) {
    const next = multiplyHigh(c, M1) ^ b ^ k0;
    b = Math.imul(c, M1);
    c = multiplyHigh(a, M0) ^ d ^ k1;
    d = Math.imul(a, M0);
    a = next;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  counter[0] = a;
  counter[1] = b;
  counter[2] = c;
  counter[3] = d;
}

/** The upper 32 bits of a product of unsigned numbers, by halves of 16 bits. */
function multiplyHigh(x: number, y: number): number {
  const low = Math.imul(x & 0xffff, y & 0xffff);
  const first = (Math.imul(x >>> 16, y & 0xffff) + (low >>> 16)) | 0;
  const second = (Math.imul(x & 0xffff, y >>> 16) + (first & 0xffff)) | 0;
  return (Math.imul(x >>> 16, y >>> 16) + (first >>> 16) + (second >>> 16)) | 0;
}

/** `philox` in WGSL: fn philox(counter : vec4<u32>, key : vec2<u32>) -> vec4<u32>. */
export const philoxWgsl = `
  fn multiplyHigh(x : u32, y : u32) -> u32 {
    let low = (x & 0xffffu) * (y & 0xffffu);
    let first = (x >> 16u) * (y & 0xffffu) + (low >> 16u);
    let second = (x & 0xffffu) * (y >> 16u) + (first & 0xffffu);
    return (x >> 16u) * (y >> 16u) + (first >> 16u) + (second >> 16u);
  }
  fn philox(counter : vec4<u32>, start : vec2<u32>) -> vec4<u32> {
    var c = counter;
    var key = start;
    for (var round = 0; round < ${ROUNDS}; round++) {
      let high0 = multiplyHigh(c.x, ${M0}u);
      let high1 = multiplyHigh(c.z, ${M1}u);
      c = vec4<u32>(high1 ^ c.y ^ key.x, c.z * ${M1}u, high0 ^ c.w ^ key.y, c.x * ${M0}u);
      key += vec2<u32>(${W0}u, ${W1}u);
    }
    return c;
  }`;
