import pc from 'picocolors';

/** Colours for what is written to a stream: only on a terminal, so that files, pipes and CI logs stay plain. */
export function coloursOf(stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  return pc.createColors(stream.isTTY === true && pc.isColorSupported);
}
