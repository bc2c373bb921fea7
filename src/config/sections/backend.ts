import { z } from 'zod';
import { devices, engines, precisions } from '../choices.js';

export const backendSchema = z.strictObject({
  engine: z
    .enum(engines)
    .default('auto')
    .describe(
      "what computes; webgpu: any vendor's GPU; auto: native where it is built, else webgpu where it finds a GPU, else wasm",
    ),
  device: z
    .enum(devices)
    .default('auto')
    .describe('gpu: an error where no GPU answers; cpu: leave the GPU alone'),
  compile: z
    .boolean()
    .default(true)
    .describe('run a training step as one call of TensorFlow instead of thousands; native engine only'),
  precision: z
    .enum(precisions)
    .default('float32')
    .describe(
      'bfloat16: matrix products in half the digits, all else in float32; native engine only; faster where the hardware has such products (GPUs since Ampere, CPUs with avx512_bf16 or amx)',
    ),
});
