import { fileURLToPath } from 'node:url';

/**
 * The path of a config that comes with the program.
 * @param name `default.yaml`, `demo.yaml`, `ablations/bio.yaml`, …
 */
export function shippedConfig(name: string): string {
  return fileURLToPath(new URL(`../../configs/${name}`, import.meta.url));
}

/** The path of an experiment that comes with the program: `paper.yaml`. */
export function shippedExperiment(name: string): string {
  return fileURLToPath(new URL(`../../experiments/${name}`, import.meta.url));
}
