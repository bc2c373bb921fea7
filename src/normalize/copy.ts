import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseLink, refuseLinksBelow } from '../files/links.js';
import { exists } from '../files/text.js';
import { ENCODER, FILE, VECTORS } from './folder.js';

/**
 * Copies what `saveNormalizer` writes and the encoder that was trained for it, and nothing else that lies there.
 * @throws InputError for a link
 */
export async function copyNormalizer(from: string, to: string): Promise<void> {
  await refuseLink(from);
  await refuseLinksBelow(from);
  await mkdir(to);
  for (const name of [ENCODER, VECTORS, FILE])
    if (await exists(join(from, name))) await cp(join(from, name), join(to, name), { recursive: true });
}
