// Writes what is generated from the config's schema: docs/configuration.md, and the comments and order of
// configs/default.yaml, whose values stay. Needs the build; `npm run docs` does both.
import { writeFile } from 'node:fs/promises';
import { loadConfig } from 'meddoprof';
import { commentedConfig, configReference } from 'meddoprof/internal';

process.chdir(new URL('..', import.meta.url).pathname);
const { config } = await loadConfig('configs/default.yaml');
await writeFile('configs/default.yaml', commentedConfig(config));
await writeFile('docs/configuration.md', configReference());
