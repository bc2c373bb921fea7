import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { commandReference } from '../../src/cli/reference.js';

test('docs/commands.md is what the commands say (npm run docs writes it)', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/commands.md'), 'utf8');
  expect(page).toBe(await commandReference());
});

test('the page has the arguments and options of a command, whatever else it asks of yargs', async () => {
  const command: CommandModule = {
    command: 'weigh <what>',
    builder: (yargs) =>
      yargs
        .positional('what', { type: 'string', demandOption: true, describe: 'a thing' })
        .option('scale', { choices: ['kg', 'lb'], default: 'kg', describe: 'which scale' })
        .option('by', { type: 'number', demandOption: true, describe: 'how exactly' })
        .conflicts('scale', 'by')
        .example('$0 weigh it', 'weighs it'),
    handler: () => {},
  };
  const list = [{ name: 'weigh', description: 'Weigh a thing' }];
  const page = await commandReference({ list, load: () => Promise.resolve({ command }) });
  expect(page.slice(page.indexOf('## weigh'))).toBe(`## weigh

Weigh a thing.

    meddoprof weigh <what> --by …

- \`what\`: a thing. _text_
- \`--scale\`: which scale. _kg, lb; default \`kg\`_
- \`--by\`: how exactly. _a number; must be given_

\`meddoprof weigh it\`: weighs it.
`);
});
