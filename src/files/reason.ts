/** Why the system refused a file, as a clause. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is not a folder',
    ENOSPC: 'no space left on the disk; make room and run the command again',
  };
  return (code !== undefined && known[code]) || message;
}
