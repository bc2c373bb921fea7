import type { FileHandle } from 'node:fs/promises';

const MEBIBYTE = 1 << 20;
const MOST = 1 << 28; // bytes that are written at once

/** Writes to a file one part after another, small ones together: on a disk that is far away each write takes its time. */
export function gathered(handle: FileHandle): {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
} {
  const buffer = new Uint8Array(MEBIBYTE);
  let held = 0;
  const flush = async () => {
    await writeAll(handle, buffer.subarray(0, held));
    held = 0;
  };
  return {
    async write(bytes) {
      if (held + bytes.length > buffer.length) await flush();
      if (bytes.length > buffer.length) return writeAll(handle, bytes);
      buffer.set(bytes, held);
      held += bytes.length;
    },
    end: flush,
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, Math.min(MOST, bytes.length - at));
    at += bytesWritten;
  }
}
