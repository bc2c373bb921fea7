import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const css = readFileSync(join(import.meta.dirname, '../../src/report/page/style/theme.css'), 'utf8');
type Colour = [red: number, green: number, blue: number];

/** A property of the style sheet in both themes, as linear light. */
function themed(name: string): [light: Colour, dark: Colour] {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(css)!;
  return [linear(light!), linear(dark!)];
}

function linear(hex: string): Colour {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  return parts.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  ) as Colour;
}

/** Contrast as WCAG has it. */
function contrast(a: Colour, b: Colour): number {
  const luminance = ([red, green, blue]: Colour) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

type Matrix = [Colour, Colour, Colour];
const times = (matrix: Matrix, colour: Colour) =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * colour[i]!, 0)) as Colour;

/** Machado, Oliveira and Fernandes 2009, table 1, severity 1: protanopia, deuteranopia, tritanopia; and none. */
const visions: Matrix[] = [
  [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]], // prettier-ignore
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
  [[1, 0, 0], [0, 1, 0], [0, 0, 1]], // prettier-ignore
];

/** Ottosson 2020. */
function oklab(colour: Colour): Colour {
  const cones = times(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], // prettier-ignore
    colour,
  );
  return times(
    [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]], // prettier-ignore
    cones.map((value) => Math.cbrt(Math.max(0, value))) as Colour,
  );
}

function difference(a: Colour, b: Colour): number {
  const seen = visions.map((vision) => {
    const clipped = (colour: Colour) =>
      times(vision, colour).map((value) => Math.min(1, Math.max(0, value))) as Colour;
    const [x, y] = [oklab(clipped(a)), oklab(clipped(b))];
    return Math.hypot(...x.map((value, i) => value - y[i]!));
  });
  return Math.min(...seen);
}

const labels = Array.from({ length: 8 }, (_, i) => themed(`colour-${i}`));

test.each([
  ['light', 0],
  ['dark', 1],
] as const)('labels stand out from the %s paper, and from each other for any eyes', (_, theme) => {
  const paper = themed('paper')[theme];
  for (const label of labels) expect(contrast(label[theme], paper)).toBeGreaterThanOrEqual(3);
  labels.slice(0, 4).forEach((label, i) => {
    for (const other of labels.slice(0, i))
      expect(difference(label[theme], other[theme])).toBeGreaterThan(0.1);
  });
});
