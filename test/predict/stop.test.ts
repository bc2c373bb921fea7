import { describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { Interrupted } from '../../src/errors.js';
import { oneAhead } from '../../src/predict/meanwhile.js';
import { untilStopped } from '../../src/predict/stop.js';

/** Two items, and no third before it is let go on; tells what it was made to do. */
function hanging() {
  const done: string[] = [];
  let goOn = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  async function* items() {
    try {
      yield 1;
      yield 2;
      await held;
      done.push('third made');
      yield 3;
      done.push('fourth asked for');
    } finally {
      done.push('closed');
    }
  }
  return { items: items(), done, goOn: () => goOn() };
}

describe('a source that does not answer', () => {
  test('keeps nobody from stopping, and is closed when it goes on', async () => {
    const { items, done, goOn } = hanging();
    const abort = new AbortController();
    const taken = untilStopped(items, abort.signal);
    await taken.next();
    await taken.next();
    const third = taken.next();
    await setTimeout(1);
    abort.abort();
    await expect(third).rejects.toThrow(Interrupted);
    expect(done).toEqual([]);
    goOn();
    await setTimeout(1);
    expect(done).toEqual(['third made', 'closed']);
  });

  test('keeps nobody who takes no more from going on, one ahead of it', async () => {
    const { items, done, goOn } = hanging();
    for await (const item of oneAhead((stopped) => untilStopped(items, stopped))) {
      await setTimeout(1);
      if (item === 2) break;
    }
    expect(done).toEqual([]);
    goOn();
    await setTimeout(1);
    expect(done).toEqual(['third made', 'closed']);
  });
});

test('a source that answers a little later is closed before who takes no more goes on', async () => {
  const done: string[] = [];
  async function* items() {
    try {
      for (let i = 0; ; i++) {
        await setTimeout(2);
        yield i;
      }
    } finally {
      done.push('closed');
    }
  }
  for await (const _ of oneAhead((stopped) => untilStopped(items(), stopped))) break;
  expect(done).toEqual(['closed']);
});

test('a source that fails is heard', async () => {
  const items = async function* () {
    yield 1;
    await Promise.reject(new Error('the disk is gone'));
  };
  const taken = untilStopped(items(), new AbortController().signal);
  expect(await taken.next()).toEqual({ value: 1, done: false });
  await expect(taken.next()).rejects.toThrow('the disk is gone');
});

test('the items of an array come as they are', async () => {
  const taken: number[] = [];
  for await (const item of untilStopped([1, 2, 3], new AbortController().signal)) taken.push(item);
  expect(taken).toEqual([1, 2, 3]);
});
