import { readFileSync } from 'node:fs';

/**
 * Whether the processor has instructions for bfloat16 products, by Linux' list of its features (x86 and ARM);
 * undefined where that is not known.
 */
export function hasBfloat16(features = cpuinfo()): boolean | undefined {
  const [, flags] = /^(?:flags|Features)\s*:(.*)$/m.exec(features) ?? [];
  return flags === undefined ? undefined : /\s(avx512_bf16|amx_bf16|bf16|svebf16)(?=\s|$)/.test(flags);
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
