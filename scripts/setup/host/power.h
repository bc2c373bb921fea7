// e to a power, for vectors. Included behind vectors.h.
#pragma once

namespace INSTRUCTIONS {
typedef int Whole __attribute__((vector_size(LANES * sizeof(int))));

// e to the power of what is at most 0, exact to some units in the last place: 2 to a whole power, and a polynomial of the rest.
static inline Vector powerOf(Vector exact) {
  const Vector x = exact < -87.0f ? Vector{} - 87.0f : exact;
  const Vector shifted = x * 1.44269504f + 12582912.0f; // 1.5 * 2^23: what is behind the point is rounded away
  const Vector whole = shifted - 12582912.0f;
  const Vector rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  Vector sum = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  sum = sum * rest + 8.3334519073e-3f;
  sum = sum * rest + 4.1665795894e-2f;
  sum = sum * rest + 1.6666665459e-1f;
  sum = sum * rest + 5.0000001201e-1f;
  sum = sum * rest * rest + rest + 1.0f;
  const Whole exponent = (__builtin_convertvector(whole, Whole) + 127) << 23;
  Vector power;
  memcpy(&power, &exponent, sizeof power);
  return exact < -87.0f ? Vector{} : sum * power;
}
} // namespace INSTRUCTIONS
