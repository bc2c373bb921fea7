/** .714, as the field writes scores. */
export function formatScore(value: number): string {
  return value.toFixed(3).replace(/^0/, '');
}

/** 45 s, 12 min, 3 h 05 min. */
export function formatDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
