import { InputError } from '../errors.js';
import { openFile } from './open.js';
import { reason } from './reason.js';
import { decodeText } from './text.js';

/** Most bytes of one line. */
const MOST_BYTES = 2 ** 26;

export interface Line {
  text: string;
  /** From 1. */
  number: number;
  /** False for a last line that the file ends in, without a line end. */
  ended: boolean;
}

/**
 * The lines of a UTF-8 file, one at a time, however large it is; without their ends (LF or CR LF), and without the
 * file's byte order mark. `seen` is handed the bytes as they come.
 * @throws InputError where the file cannot be read; with the line where it is not UTF-8, or too long to be one
 */
export async function* readLines(
  file: string,
  { seen, mostBytes = MOST_BYTES }: { seen?: (bytes: Uint8Array) => void; mostBytes?: number } = {},
): AsyncGenerator<Line> {
  let number = 0;
  const lineOf = (bytes: Uint8Array, ended = true): Line => {
    number++;
    const text = decodeText(bytes, number === 1 ? file : `${file}:${number}`).replace(/\r$/, '');
    return { text: number === 1 ? text.replace(/^\ufeff/, '') : text, number, ended };
  };
  let begun: Buffer[] = []; // of a line whose end has not come yet
  let length = 0;
  for await (const chunk of readChunks(file)) {
    seen?.(chunk);
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield lineOf(Buffer.concat([...begun, chunk.subarray(from, end)]));
      [begun, length, from] = [[], 0, end + 1];
    }
    length += chunk.length - from;
    if (length > mostBytes)
      throw new InputError(
        `${file}:${number + 1}: the line has more than ${mostBytes / 2 ** 20} MiB; there must be a line end after every record.`,
      );
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (length > 0) yield lineOf(Buffer.concat(begun), false);
}

/** The bytes of a file, part by part. @throws InputError where it cannot be read */
export async function* readChunks(file: string): AsyncGenerator<Buffer> {
  const handle = await openFile(file);
  try {
    for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 2 ** 18 }))
      yield chunk as Buffer;
  } catch (error) {
    throw error instanceof InputError
      ? error
      : new InputError(`${file} cannot be read: ${reason(error)}.`, { cause: error });
  } finally {
    await handle.close();
  }
}
