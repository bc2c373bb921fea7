// Vectors of floats as long as the registers of the instructions that a file is compiled for.
#pragma once
#include <cstdint>
#include <cstring>

namespace INSTRUCTIONS {
#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX2__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));
typedef float Loose __attribute__((vector_size(LANES * sizeof(float)), aligned(alignof(float)), may_alias));

// The first `count` of a vector, where it is less; the others are 0.
static inline Vector load(const float *from, long count = LANES) {
  if (count >= LANES) return *reinterpret_cast<const Loose *>(from);
  Vector some = {};
  if (count > 0) memcpy(&some, from, count * sizeof(float));
  return some;
}
static inline void store(float *to, Vector value, long count = LANES) {
  if (count >= LANES) *reinterpret_cast<Loose *>(to) = value;
  else if (count > 0) memcpy(to, &value, count * sizeof(float));
}
static inline float sumOf(Vector value) {
  float sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += value[lane];
  return sum;
}

// The same of bfloat16, the upper halves of floats.
typedef uint16_t Halves __attribute__((vector_size(LANES * sizeof(uint16_t))));
typedef uint32_t Bits __attribute__((vector_size(LANES * sizeof(uint32_t))));
static inline Vector load16(const uint16_t *from, long count = LANES) {
  Halves halves = {};
  if (count >= LANES) memcpy(&halves, from, sizeof halves);
  else if (count > 0) memcpy(&halves, from, count * sizeof(uint16_t));
  const Bits bits = __builtin_convertvector(halves, Bits) << 16;
  Vector value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
// Rounded to the nearest, ties to the even one; what is no number stays so.
static inline void store16(uint16_t *to, Vector value, long count = LANES) {
  Bits bits;
  memcpy(&bits, &value, sizeof bits);
  const Bits rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const Halves halves = __builtin_convertvector((bits & 0x7fffffff) > 0x7f800000 ? Bits{} + 0x7fc0 : rounded, Halves);
  if (count >= LANES) memcpy(to, &halves, sizeof halves);
  else if (count > 0) memcpy(to, &halves, count * sizeof(uint16_t));
}
} // namespace INSTRUCTIONS
