import { expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { copyNormalizer } from '../../src/normalize/copy.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

function saved(): string {
  const at = join(folder(), 'normalizer');
  mkdirSync(join(at, 'encoder', '1_Pooling'), { recursive: true });
  const pooling = join('encoder', '1_Pooling', 'config.json');
  for (const name of ['normalizer.json', 'vectors.safetensors', pooling]) writeFileSync(join(at, name), '{}');
  return at;
}

test('a normalizer is copied with its encoder, and without what else lies beside it', async () => {
  const at = saved();
  writeFileSync(join(at, 'notes.txt'), 'Trabaja.');
  const to = join(folder(), 'copy');
  await copyNormalizer(at, to);
  expect(readdirSync(to, { recursive: true }).sort()).toEqual([
    'encoder',
    'encoder/1_Pooling',
    'encoder/1_Pooling/config.json',
    'normalizer.json',
    'vectors.safetensors',
  ]);
});

test.each(['vectors.bin', 'encoder/tokenizer.json'])(
  'a normalizer with the link %s is refused',
  async (name) => {
    const at = saved();
    const secret = join(folder(), 'secret.txt');
    writeFileSync(secret, 'Trabaja.');
    symlinkSync(secret, join(at, name));
    const copied = copyNormalizer(at, join(folder(), 'copy'));
    await expect(copied).rejects.toThrow(
      `${join(at, name)} is a link, and what it leads to would be handed on`,
    );
    await expect(copied).rejects.toThrow(InputError);
  },
);
