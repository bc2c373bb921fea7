import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.js';
import { outputOf } from './output.js';

interface Arguments {
  cuda: boolean;
  cpu: boolean;
  ifMissing: boolean;
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'setup',
  builder: {
    cuda: {
      type: 'boolean',
      default: false,
      describe: 'On TensorFlow for NVIDIA GPUs, as by default where nvidia-smi answers',
    },
    cpu: { type: 'boolean', default: false, describe: 'On TensorFlow for CPUs' },
    'if-missing': {
      type: 'boolean',
      default: false,
      describe: 'Only where there is none yet; where it cannot be built, say why and go on',
    },
  },
  handler: async ({ cuda, cpu, ifMissing, ...argv }) => {
    if (cuda && cpu) throw new UsageError('choose one of --cuda and --cpu');
    const output = outputOf(argv);
    const script = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));
    const options = Object.entries({ cuda, cpu, 'if-missing': ifMissing }).filter(([, is]) => is);
    const args = [script, ...options.map(([name]) => `--${name}`)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const lines = said.split('\n');
      said = lines.pop()!;
      for (const line of lines) output.notice(line);
    });
    const [status] = (await once(child, 'close')) as [number | null];
    const { builtFlavour } = await import('../backend/built.js');
    process.exitCode = status ?? 1;
    const flavour = builtFlavour() ?? null;
    output.result({ native: flavour }, () =>
      flavour === null ? 'The native engine is not built' : `The native engine is built (${flavour})`,
    );
  },
};
