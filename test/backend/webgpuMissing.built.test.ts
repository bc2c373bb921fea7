import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtProgram } from '../support/builtProgram.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const root = join(dirname(builtProgram), '..');
const temporaryFolder = temporaryFolders();

/** What starting the engine in a process of its own says, in the folder of a built program. */
function start(folder: string, env: NodeJS.ProcessEnv): string {
  const program = `const { startEngine } = await import(${JSON.stringify(join(folder, 'dist/backend/engine.js'))});
    await startEngine({ engine: 'webgpu', device: 'auto' }).catch((error) => console.log(error.name, error.message));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return stdout;
}

describe('the webgpu engine', () => {
  test('names the package to install where npm has left it out', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'node_modules'));
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    for (const name of readdirSync(join(root, 'node_modules')))
      if (name !== 'webgpu')
        symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    expect(start(folder, {})).toMatch(
      /^InputError The webgpu engine needs the npm package webgpu, which is not installed: npm install --no-save webgpu@0\.6\.2\n$/,
    );
  });

  test('says that there is no adapter, and where to look', () => {
    const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: undefined };
    expect(start(root, nowhere)).toMatch(
      process.platform === 'linux'
        ? /^InputError WebGPU (needs Vulkan here, and its loader libvulkan\.so\.1 is missing: install it|finds no adapter: VK_ICD_FILENAMES names the only driver that is tried, \/nowhere\.json)|needs the npm package webgpu/
        : /./s,
    );
  });
});
