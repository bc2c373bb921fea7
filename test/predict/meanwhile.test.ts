import { describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { inRounds, meanwhile, oneAhead } from '../../src/predict/meanwhile.js';

describe('items taken one ahead', () => {
  const counted = (made: number[], fails = Infinity) =>
    (async function* () {
      try {
        for (let i = 0; i < 4; i++) {
          await setTimeout(1);
          if (i === fails) throw new Error(`item ${i}`);
          made.push(i);
          yield i;
        }
      } finally {
        made.push(-1); // ended
      }
    })();

  test('are the same in the same order, the next one made while one is worked on', async () => {
    const made: number[] = [];
    const taken: [number, number][] = [];
    for await (const item of oneAhead(() => counted(made))) {
      await setTimeout(20);
      taken.push([item, Math.max(...made)]);
    }
    expect(taken).toEqual([[0, 1], [1, 2], [2, 3], [3, 3]]); // prettier-ignore
  });

  test('throw their error after the items before it', async () => {
    const taken: number[] = [];
    const all = async () => {
      for await (const item of oneAhead(() => counted([], 2))) {
        await setTimeout(20);
        taken.push(item);
      }
    };
    await expect(all()).rejects.toThrow('item 2');
    expect(taken).toEqual([0, 1]);
  });

  test('end with the one who takes them', async () => {
    const made: number[] = [];
    for await (const _ of oneAhead(() => counted(made))) break;
    expect(made.at(-1)).toBe(-1);
    expect(made.length).toBeLessThan(4);
  });
});

describe('work that goes on meanwhile', () => {
  test('is no more than so many pieces at once, and done at the end', async () => {
    const work = meanwhile(3);
    let [running, most, done] = [0, 0, 0];
    for (let i = 0; i < 10; i++)
      await work.start(async () => {
        most = Math.max(most, ++running);
        await setTimeout(2);
        running--;
        done++;
      });
    await work.end();
    expect([most, done]).toEqual([3, 10]);
  });

  test('throws its error to who starts more, and at the end', async () => {
    const work = meanwhile(1);
    await work.start(() => Promise.reject(new Error('no space')));
    await expect(work.start(() => Promise.resolve())).rejects.toThrow('no space');
    await expect(work.end()).rejects.toThrow('no space');
  });
});

describe('work in rounds', () => {
  test('is done once for all who ask while a round is under way, in one that begins after they asked', async () => {
    const asked: string[] = [];
    const rounds: string[] = [];
    const ends: (() => void)[] = [];
    const work = inRounds(() => {
      rounds.push(asked.join(''));
      return new Promise((end) => ends.push(end));
    });
    const ask = (name: string) => {
      asked.push(name);
      return work();
    };
    const first = ask('a');
    await setTimeout();
    const others = [ask('b'), ask('c')];
    await setTimeout();
    others.push(ask('d'));
    ends[0]!();
    await first;
    await setTimeout();
    ends[1]!();
    await Promise.all(others);
    const last = ask('e');
    await setTimeout();
    ends[2]!();
    await last;
    expect(rounds).toEqual(['a', 'abcd', 'abcde']);
  });

  test('fails for all who ask once a round has failed', async () => {
    const work = inRounds(() => Promise.reject(new Error('no space')));
    await expect(work()).rejects.toThrow('no space');
    await expect(work()).rejects.toThrow('no space');
  });
});
