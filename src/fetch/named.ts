import type { Context } from '../context.js';
import { fetchModel } from './fetch.js';
import { silent } from './progress.js';

/**
 * The folders of models, each as given or, for `hub:org/name[@revision]`, where it is fetched to: models/<name>. What is
 * there already is verified, and not fetched again.
 * @throws InputError, UsageError and Interrupted as `fetchModel`
 */
export async function modelFolders(
  given: readonly string[],
  context: Pick<Context, 'notice' | 'signal'>,
): Promise<[string, ...string[]]> {
  const folders: string[] = [];
  for (const one of given) {
    if (!one.startsWith('hub:')) folders.push(one);
    else {
      const progress = { ...silent, notice: (text: string) => context.notice(text) };
      const { folder, already, source, resolved } = await fetchModel(one, { progress }, context);
      if (!already) context.notice(`${folder}: ${source}, ${resolved}`);
      folders.push(folder);
    }
  }
  return folders as [string, ...string[]];
}
