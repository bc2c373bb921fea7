import type { Interval } from '../data.js';

/** .725, as the field writes scores; 1.00 keeps its digit. */
export function score(value: number, digits = 3): string {
  return value
    .toFixed(digits)
    .replace(/^(-?)0\./, '$1.')
    .replace('-', '−');
}

/** .688–.760 */
export function range([low, high]: Interval): string {
  return `${score(low)}–${score(high)}`;
}

export function signed(value: number): string {
  return value > 0 ? `+${score(value)}` : score(value);
}

/** 2e-5, as rates are written in configs. */
export function rate(value: number): string {
  return value.toExponential(1).replace('.0e', 'e');
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function whole(value: number): string {
  return value.toLocaleString('en');
}

/** 1 document, 2 documents. */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 45 s, 12 min, 3 h 05 min. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
