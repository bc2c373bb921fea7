import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { philoxWgsl, streamOf } from './philox.js';
import { replaceKernel, segmentShape, type UniformAttributes } from './portable-kernels.js';
import type { WebgpuBackend } from './webgpu.js';

/** Gives the webgpu backend the kernels that it lacks, and others for those whose results vary. */
export function registerWebgpuKernels(): void {
  replaceKernel({ kernelName: 'StatelessUniform', backendName: 'webgpu', kernelFunc: statelessUniform });
  replaceKernel({ kernelName: 'UnsortedSegmentSum', backendName: 'webgpu', kernelFunc: segmentSum });
  wrapKernel('AddN', inGroups);
  wrapKernel('BatchMatMul', withoutSplitting);
}

const wrapped = new WeakSet<tf.KernelFunc>();

/** Puts a kernel of ours around the backend's own. */
function wrapKernel(kernelName: string, wrap: (own: tf.KernelFunc) => tf.KernelFunc): void {
  const own = tf.getKernel(kernelName, 'webgpu');
  if (wrapped.has(own.kernelFunc)) return;
  const kernelFunc = wrap(own.kernelFunc);
  wrapped.add(kernelFunc);
  replaceKernel({ ...own, kernelFunc });
}

/** The backend's own sum of tensors reads them all in one program, and a device allows few in one. */
function inGroups(addAll: tf.KernelFunc): tf.KernelFunc {
  const MOST = 7; // and the result: 8 is what every device allows
  const add = (tensors: tf.TensorInfo[], backend: WebgpuBackend): tf.TensorInfo => {
    const call = (some: tf.TensorInfo[]) =>
      addAll({ inputs: some as unknown as tf.NamedTensorInfoMap, backend }) as tf.TensorInfo;
    if (tensors.length <= MOST) return call(tensors);
    const sum = call(tensors.slice(0, MOST));
    const total = add([sum, ...tensors.slice(MOST)], backend);
    backend.disposeData(sum.dataId);
    return total;
  };
  return ({ inputs, backend }) => add(inputs as unknown as tf.TensorInfo[], backend as WebgpuBackend);
}

/**
 * The backend splits a long product of few results among threads that add up their parts in whatever order
 * they end: every run would give other last digits. Another of its programs keeps the order.
 */
function withoutSplitting(product: tf.KernelFunc): tf.KernelFunc {
  const [SPLIT_FROM, FEW_TILES, SMALL_OUTPUT] = [2000, 32, 2]; // as in its BatchMatMul_impl
  return (call) => {
    const [a, b] = [call.inputs.a!.shape, call.inputs.b!.shape];
    const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const inner = a.at(transposeA ? -2 : -1)!;
    const [n, m] = [a.at(transposeA ? -1 : -2)!, b.at(transposeB ? -2 : -1)!];
    const couldSplit = inner >= SPLIT_FROM && Math.ceil(n / 32) * Math.ceil(m / 32) <= FEW_TILES;
    tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', couldSplit ? SMALL_OUTPUT : -1);
    return product(call);
  };
}

const WORKGROUP = 64;

/** A program of one thread for each of `threads`, whose number is `index`. */
function program(
  name: string,
  threads: number,
  parts: Pick<WebGPUProgram, 'outputShape' | 'variableNames' | 'uniforms'> & {
    code: string;
    functions?: string;
  },
): WebGPUProgram {
  const { code, functions = '', ...rest } = parts;
  return {
    ...rest,
    shaderKey: `meddoprof_${name}`,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: rest.outputShape.map((_, i) => i) },
    dispatch: [Math.ceil(threads / WORKGROUP), 1, 1],
    getUserCode: () => `${functions}\n fn main(index : i32) { ${code} }`,
  };
}

/** Random numbers [0, 1) for a seed, as `fillUniform` draws them: four a thread. */
const statelessUniform: tf.KernelFunc = ({ backend, attrs }) => {
  const { shape, seed } = attrs as unknown as UniformAttributes;
  const size = tf.util.sizeFromShape(shape);
  const { key, counter } = streamOf(seed);
  const draw = program('uniform', Math.ceil(size / 4), {
    outputShape: shape,
    variableNames: [],
    uniforms: 'number : i32, key0 : u32, key1 : u32, counter2 : u32, counter3 : u32,',
    functions: philoxWgsl,
    code: `
      let four = philox(
        vec4<u32>(u32(index), 0u, uniforms.counter2, uniforms.counter3),
        vec2<u32>(uniforms.key0, uniforms.key1));
      for (var i = 0; i < 4 && 4 * index + i < uniforms.number; i++) {
        result[4 * index + i] = bitcast<f32>((four[i] & 0x7fffffu) | 0x3f800000u) - 1.0;
      }`,
  });
  const unsigned = [...key, counter[2], counter[3]].map((word) => ({ type: 'uint32', data: [word >>> 0] }));
  return (backend as WebgpuBackend).runWebGPUProgram(draw, [], 'float32', [
    { type: 'int32', data: [size] },
    ...unsigned,
  ]);
};

/**
 * The backend's own adds rows up in whatever order its threads come, and takes ids modulo the number of
 * segments. Here each row finds the next one of its id, and the first of an id adds up the others in order.
 */
const segmentSum: tf.KernelFunc = ({ inputs, backend, attrs }) => {
  const [webgpu, x, ids] = [backend as WebgpuBackend, inputs.x!, inputs.segmentIds!];
  if (x.dtype !== 'float32') throw new Error(`segment sums need float32, not ${x.dtype}`);
  const shape = segmentShape(inputs, attrs);
  const zeros = tf.getKernel('Fill', 'webgpu').kernelFunc;
  const sums = zeros({ inputs: {}, backend, attrs: { shape, value: 0, dtype: 'float32' } }) as tf.TensorInfo;
  const rows = tf.util.sizeFromShape(ids.shape);
  if (rows === 0 || tf.util.sizeFromShape(shape) === 0) return sums;
  const width = tf.util.sizeFromShape(x.shape) / rows;
  const number = { type: 'int32', data: [rows] };
  const links = webgpu.runWebGPUProgram(linkRows(rows), [ids], 'int32', [number]);
  const uniforms = [number, { type: 'int32', data: [width] }, { type: 'int32', data: [shape[0]!] }];
  webgpu.runWebGPUProgram(addRows(rows, width, shape), [x, ids, links], 'float32', uniforms, sums);
  webgpu.disposeData(links.dataId);
  return sums;
};

/** Per row: the next row of its id or -1; then 1 for the first row of an id, else 0. */
function linkRows(rows: number): WebGPUProgram {
  return program('link_rows', rows, {
    outputShape: [2 * rows],
    variableNames: ['ids'],
    uniforms: 'number : i32,',
    code: `
      if (index >= uniforms.number) { return; }
      var first = 1;
      for (var row = 0; row < index; row++) {
        if (ids[row] == ids[index]) { first = 0; break; }
      }
      var next = -1;
      for (var row = index + 1; row < uniforms.number; row++) {
        if (ids[row] == ids[index]) { next = row; break; }
      }
      result[index] = next;
      result[uniforms.number + index] = first;`,
  });
}

/** Adds the rows of each id along their links; ids out of range count nowhere. */
function addRows(rows: number, width: number, outputShape: number[]): WebGPUProgram {
  return program('add_rows', rows * width, {
    outputShape,
    variableNames: ['x', 'ids', 'links'],
    uniforms: 'number : i32, width : i32, segments : i32,',
    code: `
      if (index >= uniforms.number * uniforms.width) { return; }
      let row = index / uniforms.width;
      let column = index % uniforms.width;
      if (links[uniforms.number + row] == 0 || ids[row] < 0 || ids[row] >= uniforms.segments) { return; }
      var sum = 0.0;
      for (var next = row; next >= 0; next = links[next]) {
        sum += x[next * uniforms.width + column];
      }
      result[ids[row] * uniforms.width + column] = sum;`,
  });
}
