import { visible, visibleJson } from '../files/visible.js';
import { coloursOf } from './colours.js';

/** Where a command's words go: results to stdout, everything else to stderr. */
export interface Output {
  json: boolean;
  quiet: boolean;
  /** Prints the command's result: as JSON with --json, else the text that `text` makes of it. */
  result(value: unknown, text: () => string): void;
  /** Tells people something on the way, unless --quiet. */
  notice(text: string): void;
}

/** What the user does after a stop where the command itself finds what was computed. */
export const AGAIN = 'The same command goes on from what was computed';

/** The same where nothing is kept until all is done. */
export const ANEW = 'Nothing was written: the same command begins anew';

/** The output that the options --json and --quiet ask for. */
export function outputOf(argv: { json?: boolean; quiet?: boolean }): Output {
  const json = argv.json ?? false;
  const quiet = argv.quiet ?? false;
  return {
    json,
    quiet,
    result: (value, text) =>
      json
        ? process.stdout.write(`${visibleJson(JSON.stringify(value, null, 2))}\n`)
        : print(process.stdout, text()),
    notice: (text) => {
      if (!quiet) print(process.stderr, text);
    },
  };
}

/** Prints a text for people: nothing in it steers the terminal but the colours that it was given. */
export function print(stream: NodeJS.WriteStream, text: string): void {
  const { isColorSupported } = coloursOf(stream);
  const parts = isColorSupported ? text.split(COLOURS) : [text];
  const shown = parts.map((part, i) => (i % 2 === 0 ? visible(part) : part)).join('');
  stream.write(shown.endsWith('\n') ? shown : `${shown}\n`);
}

/** Bold of a table's header, red of an error, and their ends. */
// eslint-disable-next-line no-control-regex
const COLOURS = /(\x1b\[(?:1|22|31|39)m)/;
