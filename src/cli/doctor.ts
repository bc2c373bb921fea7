import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { outputOf } from './output.js';

interface Options {
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Options> = {
  command: 'doctor',
  handler,
};

async function handler(argv: ArgumentsCamelCase<Options>): Promise<void> {
  const { probeInChild } = await import('../backend/probe.js');
  const { formatDoctor, machine } = await import('./doctorTables.js');
  const output = outputOf(argv);
  const engines = [];
  for (const engine of ['native', 'webgpu', 'wasm', 'cpu'] as const) {
    output.notice(`Measuring the ${engine} engine`);
    engines.push(await probeInChild(engine)); // one after the other, or they would slow each other down
  }
  const diagnosis = { ...machine(), engines };
  output.result(diagnosis, () => formatDoctor(diagnosis));
}
