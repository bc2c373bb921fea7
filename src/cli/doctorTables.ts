import { availableParallelism, cpus, totalmem } from 'node:os';
import { visibleGpus } from '../backend/gpus.js';
import type { Probe } from '../backend/probe.js';
import { formatTable } from './table.js';

export interface Machine {
  node: string;
  platform: string;
  processor: string;
  cores: number;
  memory: number;
  /** NVIDIA's, that programs here may see. */
  gpus: { name: string; memory: number }[];
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
    gpus: visibleGpus().map(({ name, memory }) => ({ name, memory })),
  };
}

/** A line about the machine, a row per engine, and below it why an engine does not work or is slow. */
export function formatDoctor({ node, platform, processor, cores, memory, gpus, engines }: Diagnosis): string {
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
    ...cardLines(gpus),
    '',
    formatTable(header, rows),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
  ].join('\n');
}

/** "2 graphics cards: NVIDIA A (24 GiB), NVIDIA B (80 GiB)", with what to do with more than one. */
function cardLines(gpus: Machine['gpus']): string[] {
  if (gpus.length === 0) return [];
  const names = gpus.map(({ name, memory }) => `${name} (${gibibytes(memory)})`).join(', ');
  if (gpus.length === 1) return [`1 graphics card: ${names}`];
  return [
    `${gpus.length} graphics cards: ${names}; train --jobs ${gpus.length} gives every run of an experiment its own`,
  ];
}

/** WebGPU tells how large one tensor may be, not how much memory there is. */
function memoryOf({ memory, largest }: Probe): string {
  if (largest !== undefined) return `${gibibytes(largest)} a tensor`;
  return memory === undefined ? '–' : gibibytes(memory);
}

const gibibytes = (bytes: number) => `${Math.round(bytes / 2 ** 30)} GiB`;
const speed = (value: number) =>
  value < 1 ? value.toPrecision(1) : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
