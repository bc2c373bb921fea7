import { existsSync } from 'node:fs';
import { TestEnvironment } from 'jest-environment-node';

// TensorFlow reads the real environment; jest's sandbox has a copy only.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';

// The software adapter of Debian's chromium, for tests of the webgpu engine.
const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(swiftshader)) process.env.VK_ICD_FILENAMES ??= swiftshader;

/** What Dawn has asked to be called back for: its only functions without a line of JavaScript. */
const dawnTurns = new Set();
const { setImmediate: setOwn } = globalThis;
globalThis.setImmediate = (callback, ...args) => {
  if (!String(callback).includes('[native code]')) return setOwn(callback, ...args);
  const turn = () => dawnTurns.delete(turn) && callback(...args);
  dawnTurns.add(turn);
  return setOwn(turn);
};

/**
 * Jest runs tests in a sandbox with typed arrays of its own. Native addons compare typed arrays by
 * constructor, so the sandbox gets the outer ones.
 */
export default class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const type of [
      Float32Array,
      Float64Array,
      Int32Array,
      Uint8Array,
      Uint16Array,
      Uint8ClampedArray,
      BigInt64Array,
      ArrayBuffer,
    ])
      this.global[type.name] = type;
    this.global.takeDawnTurns = () => [...dawnTurns].forEach((turn) => turn());
  }
}
