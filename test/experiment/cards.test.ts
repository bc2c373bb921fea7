import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../../src/config/schema.js';
import { lendCards } from '../../src/experiment/cards.js';

const backend = (changes: Partial<Config['backend']> = {}) =>
  ({ engine: 'auto', device: 'auto', ...changes }) as Config['backend'];
const here = { flavour: 'cuda', cuda: ['GPU-a', 'GPU-b'], webgpu: true } as const;
const never = () => {
  throw new Error('it waits');
};

describe('trainings at the same time', () => {
  test('have a card each, and the next has the one that is given back first', async () => {
    const cards = lendCards(here, 1);
    const first = await cards.take(backend(), never);
    const second = await cards.take(backend({ engine: 'native', device: 'gpu' }), never);
    expect([first.env, second.env]).toEqual([
      { CUDA_VISIBLE_DEVICES: 'GPU-a' },
      { CUDA_VISIBLE_DEVICES: 'GPU-b' },
    ]);
    let waits = 0;
    const third = cards.take(backend(), () => waits++);
    await Promise.resolve();
    expect(waits).toBe(1);
    second.giveBack();
    expect((await third).env).toEqual({ CUDA_VISIBLE_DEVICES: 'GPU-b' });
  });

  test('share a card where that is asked for, once every card has one', async () => {
    const cards = lendCards(here, 2);
    const taken = [];
    for (let i = 0; i < 4; i++) taken.push(await cards.take(backend(), never));
    expect(taken.map(({ env }) => env.CUDA_VISIBLE_DEVICES)).toEqual(['GPU-a', 'GPU-b', 'GPU-a', 'GPU-b']);
    taken[0]!.giveBack();
    taken[2]!.giveBack();
    taken[1]!.giveBack();
    expect((await cards.take(backend(), never)).env).toEqual({ CUDA_VISIBLE_DEVICES: 'GPU-a' });
  });

  test('are never more on a card than may be, whoever comes and goes', async () => {
    const steps = fc.array(fc.nat(9), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        steps,
        async (count, perCard, moves) => {
          // prettier-ignore
          const cuda = Array.from({ length: count }, (_, i) => `GPU-${i}`);
          const cards = lendCards({ ...here, cuda }, perCard);
          const held: { env: NodeJS.ProcessEnv; giveBack: () => void }[] = [];
          let asked = 0;
          for (const move of moves) {
            if (move > 3) {
              asked++;
              void cards.take(backend(), () => {}).then((card) => held.push(card));
            } else if (held.length > 0) {
              asked--;
              held.splice(move % held.length, 1)[0]!.giveBack();
            }
            await new Promise(setImmediate);
            const on = (card: string) => held.filter(({ env }) => env.CUDA_VISIBLE_DEVICES === card).length;
            expect(Math.max(...cuda.map(on))).toBeLessThanOrEqual(perCard);
            expect(held.length).toBe(Math.min(asked, count * perCard)); // none waits in vain
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('are one at a time on the card that WebGPU opens, and see all of them', async () => {
    const cards = lendCards(here, 1);
    const first = await cards.take(backend({ engine: 'webgpu' }), never);
    expect(first.env).toEqual({});
    const order: string[] = [];
    const second = cards.take(backend({ engine: 'webgpu' }), () => order.push('waits'));
    void second.then(() => order.push('has it'));
    first.giveBack();
    await second;
    expect(order).toEqual(['waits', 'has it']);
  });

  test.each([
    ['that compute on the CPU', here, { device: 'cpu' }],
    ['that compute in wasm', here, { engine: 'wasm' }],
    ['of an engine built for CPUs', { ...here, flavour: 'cpu' }, {}],
    ['where no card is', { ...here, cuda: [] }, {}],
    ['of an engine that is not built, where no card is', { flavour: undefined, cuda: [], webgpu: false }, {}],
  ] as const)('wait for no card and are shown none %s', async (_, machine, changes) => {
    const cards = lendCards(machine, 1);
    for (let i = 0; i < 3; i++) expect((await cards.take(backend(changes), never)).env).toEqual({});
  });
});
