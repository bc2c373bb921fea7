import type { Decoding } from '../../src/model/heads/head.js';

/** How spans are decoded unless a config says otherwise. */
export const decoding: Decoding = {
  paths: 'best',
  pooling: 'mean',
  threshold: 0.5,
  thresholds: {},
  calibration: {},
  codeCalibration: null,
  overlap: 'allow',
  windowStride: null,
};
