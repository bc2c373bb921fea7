// Writes docs/commands.md from the definitions of the commands. Needs the build; `npm run docs` does both.
import { writeFile } from 'node:fs/promises';
import { commandReference } from 'meddoprof/internal';

await writeFile(new URL('../docs/commands.md', import.meta.url), await commandReference());
