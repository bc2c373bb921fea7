/** Why the system refused a file, as a clause. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EEXIST: 'it already exists',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is not a folder',
    EPERM: 'permission denied',
    ENXIO: 'it is a socket or a device, and no file',
    ELOOP: 'it is a link that leads back to itself; make it lead to a file',
    ENAMETOOLONG: 'its name is too long for a file',
    ERR_INVALID_ARG_VALUE: 'no file has a name with a NUL character in it',
    EMFILE: 'too many files are open; raise the limit with ulimit -n',
    ENOSPC: 'no space left on the disk; make room and run the command again',
  };
  return (code !== undefined && known[code]) || message;
}
