import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Message } from '../compile/protobuf.js';
import { crc32c } from '../model/weights/crc32c.js';

/** One of the values of a step. */
export type Summary = { tag: string } & ({ scalar: number } | { histogram: Histogram } | { text: string });

export interface Histogram {
  min: number;
  max: number;
  count: number;
  sum: number;
  sumOfSquares: number;
  /** Right edges of the buckets, and how many values are in each. */
  edges: number[];
  counts: number[];
}

/** Adds the values of a step to the file. */
export type AddEvent = (step: number, summaries: Summary[]) => Promise<void>;

/**
 * Starts an event file as TensorBoard reads it, in a folder that may have some of earlier sessions: what these
 * have past step `from` no longer counts. TFRecords of Event messages; needs no TensorFlow.
 * @see tensorflow/core/util/event.proto, summary.proto and lib/io/record_writer.h of TensorFlow
 */
export async function startEventFile(folder: string, from: number): Promise<AddEvent> {
  await mkdir(folder, { recursive: true });
  const now = Date.now();
  const file = join(folder, `events.out.tfevents.${now}.${hostname()}.${process.pid}`);
  const start = new Message().int(1, 1); // SessionLog.START
  await appendFile(
    file,
    Buffer.concat([
      record(event(0).bytes(3, 'brain.Event:2')),
      record(event(from + 1).bytes(7, start)), // SessionLog: readers drop what has this step or a later one
    ]),
  );
  return async (step, summaries) => {
    if (summaries.length === 0) return;
    const all = new Message();
    for (const one of summaries) all.bytes(1, valueOf(one));
    await appendFile(file, record(event(step).bytes(5, all)));
  };
}

/** The shares of the finite values in buckets of like width; undefined where there are none. */
export function histogramOf(values: Float32Array, buckets = 30): Histogram | undefined {
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return undefined;
  const width = (max - min) / buckets || 1;
  const counts = Array.from({ length: buckets }, () => 0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) counts[Math.min(buckets - 1, Math.floor((value - min) / width))]! += 1;
  }
  const edges = counts.map((_, i) => min + width * (i + 1));
  return { min, max, count, sum, sumOfSquares, edges, counts };
}

function event(step: number): Message {
  const message = new Message().double(1, Date.now() / 1000);
  return step === 0 ? message : message.int(2, step);
}

function valueOf(summary: Summary): Message {
  const value = new Message().bytes(1, summary.tag);
  if ('scalar' in summary) return value.float(2, summary.scalar);
  if ('histogram' in summary) return value.bytes(5, histogramMessage(summary.histogram));
  const shape = new Message(); // of a scalar
  const tensor = new Message().int(1, DT_STRING).bytes(2, shape).bytes(8, summary.text);
  const plugin = new Message().bytes(1, 'text');
  return value.bytes(8, tensor).bytes(9, new Message().bytes(1, plugin));
}

const DT_STRING = 7;

function histogramMessage({ min, max, count, sum, sumOfSquares, edges, counts }: Histogram): Message {
  return new Message()
    .double(1, min)
    .double(2, max)
    .double(3, count)
    .double(4, sum)
    .double(5, sumOfSquares)
    .doubles(6, edges)
    .doubles(7, counts);
}

/** Length and content, each with a checksum. */
function record(message: Message): Buffer {
  const content = message.encode();
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  return Buffer.concat([length, checksum(length), content, checksum(content)]);
}

/** Turned and moved, so that a checksum of something with checksums in it is no weak one. */
function checksum(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(masked);
  return buffer;
}
