import { describe, expect, test } from '@jest/globals';
import { probeEngine, type Probe } from '../../src/backend/probe.js';
import { formatDoctor } from '../../src/cli/doctorTables.js';

describe('probing an engine', () => {
  test('measures the speed of a product', async () => {
    const probe = await probeEngine('wasm');
    expect(probe).toMatchObject({ engine: 'wasm', works: true, device: 'cpu', threads: 1 });
    expect(probe.product!.gigaflops).toBeGreaterThan(0.01);
    expect(probe.memory).toBeLessThanOrEqual(2 ** 32);
  });
});

describe('the table of engines', () => {
  const machine = {
    node: 'v20.0.0',
    platform: 'linux x64',
    processor: 'A',
    cores: 4,
    memory: 8 * 2 ** 30,
    gpus: [],
  };

  test('has a row for each, and below it why one does not work', () => {
    const engines: Probe[] = [
      { engine: 'native', works: false, reason: 'The native engine is not built: run npx meddoprof setup.' },
      {
        engine: 'wasm',
        works: true,
        found: 'W',
        threads: 1,
        memory: 2 ** 32,
        product: { size: 512, gigaflops: 15.7 },
      },
    ];
    const lines = formatDoctor({ ...machine, engines }).split('\n');
    expect(lines[0]).toBe('A, 4 cores, 8 GiB, linux x64, Node v20.0.0');
    expect(lines).toContainEqual(expect.stringMatching(/^native +no +–/));
    expect(lines).toContainEqual(expect.stringMatching(/^wasm +yes +W +1 +4 GiB +16 GFLOP\/s$/));
    expect(lines.at(-1)).toBe('native: The native engine is not built: run npx meddoprof setup.');
  });

  test('has the graphics cards before it, and what more than one are for', () => {
    const card = (name: string) => ({ name, memory: 24 * 2 ** 30 });
    const linesOf = (names: string[]) =>
      formatDoctor({ ...machine, gpus: names.map(card), engines: [] }).split('\n');
    expect(linesOf([])[1]).toBe('');
    expect(linesOf(['A'])[1]).toBe('1 graphics card: A (24 GiB)');
    expect(linesOf(['A', 'B'])[1]).toBe(
      '2 graphics cards: A (24 GiB), B (24 GiB); train --jobs 2 gives every run of an experiment its own',
    );
  });
});
