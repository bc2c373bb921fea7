import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../errors.js';
import { filesBelow } from '../files/below.js';
import { allowanceFor, RATIO } from './limits.js';
import type { Progress } from './progress.js';
import { completeSavedModel } from './savedModel.js';
import type { Delivery } from './transfer.js';
import { archiveKind, unpack } from './unpack.js';

/**
 * Finds what matters in a folder that was unpacked and moves it to `target`: the folder of a model, wherever it
 * lies (and inside an archive in the archive), else all there is, without the folders around it. Licences go along.
 * @param name what the source calls the model, for what only its name says
 */
export async function arrange(
  delivery: Delivery,
  target: string,
  name: string,
  progress: Progress,
): Promise<void> {
  const { folder } = delivery;
  let root = await findModel(folder);
  if (!root && (await unpackInner(delivery, progress))) root = await findModel(folder);
  root ??= await innermost(folder);
  if ((await readdir(root)).length === 0) throw new InputError(`there are no files in what was fetched`);
  for (const licence of await filesBelow(folder)) {
    const to = join(root, basename(licence));
    if (!/^(LICEN[CS]E|NOTICE|COPYING|THIRD-PARTY)[\w.-]*$/i.test(basename(licence))) continue;
    if (join(folder, licence) !== to) await cp(join(folder, licence), to, { force: false });
  }
  await completeSavedModel(root, name, progress);
  await rm(target, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await rename(root, target);
}

/** The outermost folder that holds a model; undefined where there is none or several stand side by side. */
async function findModel(folder: string): Promise<string | undefined> {
  let level = [folder];
  while (level.length) {
    const models: string[] = [];
    const next: string[] = [];
    for (const home of level) {
      const entries = await readdir(home, { withFileTypes: true });
      if (isModel(entries.map(({ name }) => name))) models.push(home);
      for (const entry of entries) if (entry.isDirectory()) next.push(join(home, entry.name));
    }
    if (models.length) return models.length === 1 ? models[0] : undefined;
    level = next;
  }
  return undefined;
}

/** A sentence-transformers folder, a Hugging Face or Google folder, a SavedModel, or a TensorFlow.js model. */
function isModel(names: string[]): boolean {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const config = has(/^(bert_)?config\.json$/);
  if (config && has(/\.(safetensors|index|bin|h5|msgpack)$/)) return true;
  return has(/^(modules\.json|saved_model\.pb)$/) || (has(/^model\.json$/) && has(/^group\d+-shard/));
}

/**
 * Unpacks archives that lie in the folder, a jar's resources for one, each in its own place. With what is there already
 * they become no more than what was fetched may become.
 */
async function unpackInner({ folder, resolved, size }: Delivery, progress: Progress): Promise<boolean> {
  const paths = await filesBelow(folder);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size));
  const before = sizes.reduce((sum, size) => sum + size, 0);
  const within = await allowanceFor(resolved, folder, RATIO, { size: size ?? before, before });
  let found = false;
  for (const path of paths) {
    const file = join(folder, path);
    if (!(await archiveKind(file))) continue;
    await unpack(file, `${file}.unpacked`, progress, 10, within); // what lies in an archive is packed already
    await rm(file);
    found = true;
  }
  return found;
}

/** The first folder downwards that holds more than one folder; what the Mac's archiver adds does not count. */
async function innermost(folder: string): Promise<string> {
  await rm(join(folder, '__MACOSX'), { recursive: true, force: true });
  await rm(join(folder, '.DS_Store'), { force: true });
  const entries = await readdir(folder, { withFileTypes: true });
  const sole = entries.length === 1 && entries[0]!.isDirectory();
  return sole ? innermost(join(folder, entries[0]!.name)) : folder;
}
