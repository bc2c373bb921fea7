import { realpath } from 'node:fs/promises';
import { join, relative, resolve, isAbsolute } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../files/json.js';
import { exists } from '../../files/text.js';
import { InputError } from '../../errors.js';

const TYPES = ['Transformer', 'Pooling', 'Dense', 'Normalize'] as const;

/** A module of sentence-transformers: its class and where its files lie. */
export interface Module {
  type: (typeof TYPES)[number];
  folder: string;
  /** The folder's name in modules.json. */
  path: string;
}

const modulesSchema = z.array(z.object({ path: z.string(), type: z.string() }));

/**
 * Reads modules.json: a Transformer, a Pooling, then Dense and Normalize in any order.
 * @throws InputError where it lists something else, or a folder outside its own
 */
export async function readModules(folder: string): Promise<Module[]> {
  const file = join(folder, 'modules.json');
  if (!(await exists(file)))
    throw new InputError(
      (await exists(folder))
        ? `${folder} is no folder of sentence-transformers: it has no modules.json; for an encoder as it is set kind to pooledEncoder`
        : `${folder} does not exist: fetch a model into it first`,
    );
  const listed = await readJson(
    file,
    modulesSchema,
    'a list of modules with path and type',
    'copy the file from the model again',
  );
  const modules: Module[] = [];
  for (const { path, type } of listed)
    modules.push({ type: typeOf(type, file), folder: await inside(folder, path, file), path });
  const [first, second, ...rest] = modules.map(({ type }) => type);
  const inOrder =
    first === 'Transformer' &&
    second === 'Pooling' &&
    rest.every((type) => type === 'Dense' || type === 'Normalize');
  if (!inOrder)
    throw new InputError(
      `${file}: it lists ${modules.map(({ type }) => type).join(', ') || 'no module'}; a Transformer, a Pooling, then Dense and ` +
        'Normalize can be read: choose a model that is made so',
    );
  return modules;
}

/** `sentence_transformers.models.Pooling`, and wherever later versions moved it. */
function typeOf(name: string, file: string): Module['type'] {
  const type = TYPES.find((each) => /^sentence_transformers\./.test(name) && name.endsWith(`.${each}`));
  if (type) return type;
  throw new InputError(
    `${file}: modules of type ${name} are unknown; ${TYPES.join(', ')} can be read: choose a model of these`,
  );
}

async function inside(folder: string, path: string, file: string): Promise<string> {
  const target = resolve(folder, path);
  const leaves = (from: string, to: string) => {
    const way = relative(from, to);
    return way.split(/[\\/]/)[0] === '..' || isAbsolute(way);
  };
  const real = await realpath(target).catch(() => target); // Normalize needs no folder
  if (leaves(resolve(folder), target) || (real !== target && leaves(await realpath(folder), real)))
    throw new InputError(
      `${file}: the path ${JSON.stringify(path)} leaves the folder; do not trust this model, or put the module inside`,
    );
  return join(folder, path);
}
