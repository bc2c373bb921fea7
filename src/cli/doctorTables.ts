import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Probe } from '../backend/probe.js';
import { formatTable } from './table.js';

export interface Machine {
  node: string;
  platform: string;
  processor: string;
  cores: number;
  memory: number;
}

export interface Diagnosis extends Machine {
  engines: Probe[];
}

export function machine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    memory: totalmem(),
  };
}

/** A line about the machine, a row per engine, and below it why an engine does not work or is slow. */
export function formatDoctor({ node, platform, processor, cores, memory, engines }: Diagnosis): string {
  const header = ['engine', 'works', 'found', 'threads', 'memory', 'product'];
  const rows = engines.map((probe) => [
    probe.engine,
    probe.works ? 'yes' : 'no',
    probe.found ?? '–',
    probe.threads ?? '–',
    memoryOf(probe),
    probe.product ? `${speed(probe.product.gigaflops)} GFLOP/s` : '–',
  ]);
  const remarks = engines
    .map(({ engine, reason, notice }) => [engine, reason ?? notice] as const)
    .filter(([, remark]) => remark)
    .map(([engine, remark]) => `${engine}: ${remark}`);
  return [
    `${processor}, ${cores} cores, ${gibibytes(memory)}, ${platform}, Node ${node}`,
    '',
    formatTable(header, rows),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
  ].join('\n');
}

/** WebGPU tells how large one tensor may be, not how much memory there is. */
function memoryOf({ memory, largest }: Probe): string {
  if (largest !== undefined) return `${gibibytes(largest)} a tensor`;
  return memory === undefined ? '–' : gibibytes(memory);
}

const gibibytes = (bytes: number) => `${Math.round(bytes / 2 ** 30)} GiB`;
const speed = (value: number) =>
  value < 1 ? value.toPrecision(1) : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
