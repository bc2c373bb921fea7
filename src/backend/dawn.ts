import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { InputError } from '../errors.js';
import type { Adapter } from './webgpu.js';

/** Of package.json's optionalDependencies; 130 MB, for all systems. */
const PACKAGE = 'webgpu';

export interface Gpu {
  /** What a browser has as navigator.gpu. */
  api: GPU;
  device: GPUDevice;
  info: AdapterInfo;
  adapter: Adapter;
}

/** Loads Dawn and opens the fastest adapter, with all that it allows. @throws InputError with the cause */
export async function openGpu(): Promise<Gpu> {
  const dawn = await loadDawn();
  const api = dawn.create([]);
  const found = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (!found) throw new InputError(`WebGPU finds no adapter: ${driverAdvice()}`);
  const { limits, features, info } = found as GPUAdapter & { info: AdapterInfo };
  // WebGPU's own limits are for phones: 128 MB a tensor, for one.
  const device = await found.requestDevice({
    requiredFeatures: features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: Object.fromEntries(wantedLimits.map((limit) => [limit, limits[limit]])),
  });
  return { api, device, info, adapter: { name: nameOf(info), isSoftware: isSoftware(info) } };
}

/** As it is in later versions of WebGPU's types. */
interface AdapterInfo extends GPUAdapterInfo {
  isFallbackAdapter: boolean;
}

const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

interface Dawn {
  create(options: string[]): GPU;
  /** What a browser has as global names: GPUBuffer, GPUBufferUsage, … */
  globals: object;
}

async function loadDawn(): Promise<Dawn> {
  let dawn: Dawn;
  try {
    // By a name in a variable: the program is compiled where the package is left out, too.
    dawn = (await import(PACKAGE)) as Dawn;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [line] = message.split('\n');
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${PACKAGE}'`))
      throw new InputError(
        `The webgpu engine needs the npm package ${PACKAGE}, which is not installed: npm install --no-save ${PACKAGE}@0.6.2`,
      );
    throw new InputError(
      `The npm package ${PACKAGE} does not load on ${process.platform} ${process.arch} (${line}): it is built for Linux, macOS and Windows on x64 and arm64; take another engine.`,
    );
  }
  if (process.platform === 'linux' && !loadVulkan())
    throw new InputError(
      'WebGPU needs Vulkan here, and its loader libvulkan.so.1 is missing: install it (Debian and Ubuntu: apt install libvulkan1; Fedora: dnf install vulkan-loader) and the driver of your card.',
    );
  Object.assign(globalThis, dawn.globals);
  return dawn;
}

/**
 * Loads Vulkan's loader, so that Dawn finds it: the system's, else the one beside the driver that
 * VK_ICD_FILENAMES names, where browsers have theirs.
 */
function loadVulkan(): boolean {
  const LOADER = 'libvulkan.so.1';
  const KEEP = 0x1000; // RTLD_NODELETE: it stays though it is no addon of Node
  const drivers = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? '';
  const beside = drivers
    .split(':')
    .filter(Boolean)
    .map((file) => path.join(path.dirname(file), LOADER));
  return [LOADER, ...beside.filter((file) => existsSync(file))].some((file) => {
    try {
      process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_NOW | KEEP);
    } catch (error) {
      return (error as Error).message.includes('self-register'); // loaded, and no addon
    }
    return true;
  });
}

/** "nvidia-l4 (NVIDIA driver 570.86.10)": Dawn gives the card's name in small letters. */
function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const name =
    device.replace(/^-+|-+$/g, '') || [vendor, architecture].filter(Boolean).join(' ') || 'an unnamed GPU';
  return description ? `${name} (${description})` : name;
}

function isSoftware(info: AdapterInfo): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|softpipe|basic.render|\bwarp\b/i.test(words)
  );
}

/** What is missing where a GPU does not answer. */
export function driverAdvice(): string {
  const { VK_ICD_FILENAMES: chosen } = process.env;
  if (process.platform !== 'linux') return 'install the driver of your card, or take another engine.';
  if (chosen)
    return `VK_ICD_FILENAMES names the only driver that is tried, ${chosen}: unset it for the driver of your card.`;
  if (!cardIsThere())
    return 'no graphics card is to be seen here (no /dev/dri, no /dev/nvidiactl): ask for a node or container with one, or take another engine.';
  return "install your card's Vulkan driver (NVIDIA's own; for AMD and Intel mesa-vulkan-drivers), and see that you may open /dev/dri/renderD*.";
}

/** False where it is certain that no graphics card can answer. Loads nothing. */
export function cardIsThere(): boolean {
  return (
    process.platform !== 'linux' ||
    ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((device) => existsSync(device))
  );
}
