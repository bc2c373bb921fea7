import { dirname, isAbsolute, join, normalize } from 'node:path';
import { InputError, UsageError } from '../errors.js';
import { readText } from '../files/text.js';
import { neighbourOf } from './nearest.js';
import type { Tree } from './tree.js';
import { parseYaml } from './yaml.js';

/** A config file as it stands, `extends` taken out. */
export interface Source {
  file: string;
  tree: Tree;
}

/**
 * Reads a config file and the files that it extends, those first. Paths after `extends` are relative to
 * the file that they stand in.
 * @throws UsageError for a missing file, a circle of files, or what is not YAML: every fault with its line.
 */
export async function readSources(file: string, above: string[] = []): Promise<Source[]> {
  const known = normalize(file);
  if (above.includes(known)) {
    const circle = [...above.slice(above.indexOf(known)), known].join(' > ');
    throw new UsageError(`${file}: extends goes in a circle, ${circle}; take one of these lines out`);
  }
  if (above.length > MOST_EXTENDED)
    throw new UsageError(`${above[0]}: more than ${MOST_EXTENDED} files extend one another; take some out`);
  const tree = await readMapping(file, 'config', above.at(-1));
  const base = tree.value.get('extends');
  if (!base) return [{ file, tree }];
  tree.value.delete('extends');
  if (typeof base.value !== 'string' || base.value === '')
    throw new UsageError(`${base.where}: extends must be the path of one config file`);
  const baseFile = isAbsolute(base.value) ? base.value : join(dirname(file), base.value);
  const below = await readSources(baseFile, [...above, known]);
  return [...below, { file, tree }];
}

/**
 * The mapping in a YAML file. `what` says what people call such a file.
 * @throws UsageError for a missing file, or one that holds something else.
 */
export async function readMapping(
  file: string,
  what: keyof typeof examples,
  extendedBy?: string,
): Promise<Mapping> {
  const { value } = parseYaml(await readYaml(file, what, extendedBy), (line) => `${file}:${line}`, what);
  if (value === null) throw new UsageError(`${file}: the ${what} is empty; start from ${examples[what]}`);
  if (!(value instanceof Map))
    throw new UsageError(
      `${file}: ${articles[what]} ${what} is made of lines \`key: value\`, and this is something else`,
    );
  return { where: file, value };
}

export type Mapping = Tree & { value: Map<string, Tree> };

const examples = { config: 'configs/default.yaml', experiment: 'experiments/paper.yaml' };
const articles = { config: 'a', experiment: 'an' };

/** Files above one another. */
const MOST_EXTENDED = 20;
/** Bytes of a file: some twenty times the config with every option and its comments. */
const MOST_BYTES = 2 ** 18;

async function readYaml(
  file: string,
  what: keyof typeof examples,
  extendedBy: string | undefined,
): Promise<string> {
  try {
    return await readText(file, MOST_BYTES);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const name = extendedBy === undefined ? file : `${extendedBy}: extends ${file}`;
    const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
    if (code === 'EISDIR')
      throw new UsageError(`${name}: this is a folder; name ${articles[what]} ${what} file in it`);
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new UsageError(
        extendedBy === undefined ? error.message : `${extendedBy}: extends: ${error.message}`,
      );
    const near = await neighbourOf(file);
    throw new UsageError(`${name}: there is no such ${what} file${near && `; did you mean ${near}?`}`);
  }
}
