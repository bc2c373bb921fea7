/** Where a command's words go: results to stdout, everything else to stderr. */
export interface Output {
  json: boolean;
  quiet: boolean;
  /** Prints the command's result: as JSON with --json, else the text that `text` makes of it. */
  result(value: unknown, text: () => string): void;
  /** Tells people something on the way, unless --quiet. */
  notice(text: string): void;
}

/** The output that the options --json and --quiet ask for. */
export function outputOf(argv: { json?: boolean; quiet?: boolean }): Output {
  const json = argv.json ?? false;
  const quiet = argv.quiet ?? false;
  return {
    json,
    quiet,
    result: (value, text) => write(process.stdout, json ? JSON.stringify(value, null, 2) : text()),
    notice: (text) => {
      if (!quiet) write(process.stderr, text);
    },
  };
}

function write(stream: NodeJS.WritableStream, text: string): void {
  stream.write(text.endsWith('\n') ? text : `${text}\n`);
}
