import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/backend/engine.js';
import { eachInWay, inPrecision, inWay, precisionNow } from '../../src/backend/precision.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler } from '../../src/compile/compile.js';
import { compilerHere } from '../../src/ops/compiler.js';
import { asFactor, product } from '../../src/ops/product.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../support/tensors.js';

/** The nearest number with 8 significant bits, ties to even: float32 without its lower 16 bits. */
function roundToBfloat16(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer);
  const lowest = (bits[0]! >>> 16) & 1;
  bits[0] = (bits[0]! + 0x7fff + lowest) & 0xffff0000;
  return new Float32Array(bits.buffer)[0]!;
}

const [ROWS, DEPTH, COLUMNS] = [6, 40, 5];
const [a, b] = [randomNumbers(ROWS * DEPTH, 1), randomNumbers(DEPTH * COLUMNS, 2)];

/** The product of two tables row by row, in float64. */
function slowProduct(round: (value: number) => number): number[] {
  const at = (row: number, column: number) => {
    let sum = 0;
    for (let k = 0; k < DEPTH; k++) sum += round(a[row * DEPTH + k]!) * round(b[k * COLUMNS + column]!);
    return sum;
  };
  return Array.from({ length: ROWS * COLUMNS }, (_, i) => at(Math.floor(i / COLUMNS), i % COLUMNS));
}

function computed(transposeA: boolean, transposeB: boolean): Float32Array {
  const x = tf.tensor2d(a, [ROWS, DEPTH]);
  const y = tf.tensor2d(b, [DEPTH, COLUMNS]);
  const [left, right] = [transposeA ? tf.transpose(x) : tf.clone(x), transposeB ? tf.transpose(y) : tf.clone(y)]; // prettier-ignore
  const result = take(product(left, right, transposeA, transposeB));
  disposeAll(x, y, left, right);
  return result;
}

const inBfloat16 = (work: () => void) => inPrecision('bfloat16', () => expectNoLeakedTensors(work));

describeEngines(
  'a product in bfloat16',
  () => {
    test('is the same, to the last bit, of a factor that is held in bfloat16', () =>
      inBfloat16(() => {
        const compiler = createCompiler(hostAddon());
        const x = tf.tensor2d(a, [ROWS, DEPTH]);
        const y = tf.tensor2d(b, [DEPTH, COLUMNS]);
        const held = asFactor(tf.clone(y));
        const expected = [...take(product(x, y))];
        expect([...take(product(x, held))]).toEqual(expected);
        for (const isFirst of [true, false]) {
          const result = compiler.step('held', { x, held }, (fed) => product(fed.x, fed.held), isFirst);
          expect([...take(result)]).toEqual(expected);
        }
        compiler.dispose();
        disposeAll(x, y, held);
      }));

    test('is in the precision of the work at hand where one compiled step serves work in both', async () => {
      const compiler = compilerHere({ notice: (text) => expect(text).toBe('') })!;
      const inputs = { x: tf.tensor2d(a, [ROWS, DEPTH]), y: tf.tensor2d(b, [DEPTH, COLUMNS]) };
      const compute = () => [...take(compiler.step('product', inputs, ({ x, y }) => product(x, y)))];
      const twice = async (precision: 'float32' | 'bfloat16') =>
        inPrecision(precision, async () => {
          const first = compute();
          await tf.nextFrame();
          expect(compute()).toEqual(first);
          return first;
        });
      const [exact, rounded] = await Promise.all([twice('float32'), twice('bfloat16')]);
      expectClose(exact, slowProduct((value) => value), 1e-5); // prettier-ignore
      expect(rounded).toEqual(rounded.map(roundToBfloat16));
      expect(rounded).not.toEqual(exact);
      compiler.dispose();
      disposeAll(inputs.x, inputs.y);
    });

    test.each([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ])('is the product of rounded factors, rounded (transposed: %s, %s)', (transposeA, transposeB) =>
      inBfloat16(() => {
        const expected = slowProduct(roundToBfloat16).map(roundToBfloat16);
        const largest = Math.max(...expected.map(Math.abs));
        const result = computed(transposeA, transposeB);
        expectClose(result, expected, largest / 128); // a unit in the last place
        expect([...result]).toEqual([...result].map(roundToBfloat16));
      }),
    );
  },
  ['native'],
);

describe('bfloat16 on an engine without it', () => {
  test.each(['wasm', 'cpu'] as const)('%s is an error that says what to do', async (engine) => {
    await expect(startEngine({ engine, device: 'auto', precision: 'bfloat16' })).rejects.toThrow(
      `Precision 'bfloat16' needs the native engine, and ${engine} computes: set precision to 'float32'.`,
    );
  });
});

describeEngines(
  'whether steps are compiled',
  () => {
    test('is settled by the work at hand, in whatever precision', async () => {
      const isCompiled = () => {
        const compiler = compilerHere({ notice: () => {} });
        compiler?.dispose();
        return compiler !== undefined;
      };
      const without = inWay({ precision: 'float32', compile: false }, async () => {
        await tf.nextFrame();
        return [isCompiled(), inPrecision('bfloat16', isCompiled)];
      });
      expect([isCompiled(), await without]).toEqual([true, [false, false]]);
    });
  },
  ['native'],
);

describe('a precision', () => {
  test('is that of the work which asked for it, after what it waits for too, and of no other beside it', async () => {
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const seen: string[] = [];
    const work = async (name: string) => {
      for (let i = 0; i < 3; i++) {
        seen.push(`${name} ${precisionNow()}`);
        await turn();
      }
    };
    await Promise.all([
      inPrecision('bfloat16', () => work('a')),
      inPrecision('float32', () => work('b')),
      work('c'),
    ]);
    expect(seen).toEqual(Array(3).fill(['a bfloat16', 'b float32', 'c float32']).flat());
  });

  test('holds in a generator to its end, and not where its pieces are taken', async () => {
    const seen: string[] = [];
    async function* pieces() {
      try {
        for (let i = 0; i < 5; i++) yield precisionNow();
      } finally {
        seen.push(`closed in ${precisionNow()}`);
      }
    }
    for await (const piece of eachInWay({ precision: 'bfloat16', compile: true }, pieces())) {
      seen.push(`${piece} in ${precisionNow()}`);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(['bfloat16 in float32', 'bfloat16 in float32', 'closed in bfloat16']);
  });
});
