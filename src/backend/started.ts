export type EngineName = 'native' | 'webgpu' | 'wasm' | 'cpu';

/** What computes: TensorFlow.js' current backend, as found at the start. */
export interface Engine {
  name: EngineName;
  device: 'gpu' | 'cpu';
  /** For people and run.json: TensorFlow's version, the device's name, threads. */
  description: string;
  /** What the user should know, such as why a slower engine was taken. */
  notice?: string;
}
