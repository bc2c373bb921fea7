import { devices, engines, precisions } from '../config/choices.js';
import { checkChoice } from '../config/given.js';
import type { Context } from '../context.js';
import { InputError } from '../errors.js';
import { cardIsThere } from './dawn.js';
import { isNative } from './native.js';
import type { Precision } from './precision.js';
import { hasBfloat16 } from './processor.js';
import { startNative } from './start-native.js';
import { startCpu, startWasm } from './start-portable.js';
import { startWebgpu } from './start-webgpu.js';
import type { Engine, EngineName } from './started.js';

export interface EngineChoice {
  engine: 'auto' | EngineName;
  device: 'auto' | 'gpu' | 'cpu';
  /** In which the work will be done (see `inWay`); float32 where it is left out. */
  precision?: Precision;
}

/**
 * Loads an engine and makes it TensorFlow.js' backend. `auto` takes the native engine where it loads, else
 * WebGPU where it finds a card, else wasm; with device 'gpu' the first of the two that has one. A software
 * adapter is for those who name webgpu. A device, an engine or a precision asked for by name is never
 * replaced by another.
 * @param context is told what the user should know
 * @throws InputError where what was asked for is not there, with the cause; UsageError where nothing is called that
 */
export async function startEngine(
  { engine, device, precision = 'float32' }: EngineChoice,
  context?: Pick<Context, 'notice'>,
): Promise<Engine> {
  checkChoice('engine', engine, engines);
  checkChoice('device', device, devices);
  checkChoice('precision', precision, precisions);
  const started = await startBackend({ engine, device });
  if (precision === 'bfloat16' && started.name !== 'native')
    throw new InputError(
      `Precision 'bfloat16' needs the native engine, and ${started.name} computes: set precision to 'float32'. ${started.notice ?? ''}`.trim(),
    );
  const notices = started.notice ? [started.notice] : [];
  if (precision === 'bfloat16' && started.device === 'cpu' && hasBfloat16() === false)
    notices.push(
      "This processor has no instructions for bfloat16 (avx512_bf16, amx_bf16): precision 'float32' will be faster.",
    );
  for (const notice of notices) context?.notice(notice);
  return notices.length > 0 ? { ...started, notice: notices.join(' ') } : started;
}

async function startBackend({ engine, device }: Omit<EngineChoice, 'precision'>): Promise<Engine> {
  if (engine === 'native') return startNative(device);
  if (engine === 'auto') return startAny(device);
  if (engine === 'webgpu') {
    if (device !== 'cpu') return startWebgpu(device);
    throw new InputError(
      "Engine 'webgpu' computes on a GPU, and device 'cpu' was asked for: set engine to 'native' or 'wasm', or device to 'gpu'.",
    );
  }
  if (device === 'gpu')
    throw new InputError(
      `Device 'gpu' needs the native engine or webgpu, and engine '${engine}' was asked for: set engine to 'native' or 'webgpu', or device to 'cpu'.`,
    );
  return engine === 'wasm' ? startWasm() : startCpu();
}

async function startAny(device: EngineChoice['device']): Promise<Engine> {
  try {
    return await startNative(device);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (device !== 'gpu' && isNative()) throw error; // it loads, and refuses the device
    if (device === 'gpu' || (device === 'auto' && cardIsThere())) {
      try {
        const webgpu = await startWebgpu('gpu');
        return { ...webgpu, notice: `Computing with ${webgpu.description}. ${error.message}` };
      } catch (second) {
        if (!(second instanceof InputError)) throw second;
        if (device === 'gpu')
          throw new InputError(`${error.message} Nor is there one for WebGPU: ${second.message}`);
      }
    }
    const notice = `Computing with the portable engine (wasm), which is many times slower. ${error.message}`;
    return { ...(await startWasm()), notice };
  }
}
