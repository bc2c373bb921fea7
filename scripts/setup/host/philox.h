// Philox 4x32-10 (Salmon et al. 2011), for several counters side by side. Included behind vectors.h.
#pragma once
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace INSTRUCTIONS {
// A word is the lower half of 64 bits, so that its products need no shuffling; what is in the upper half never comes down.
typedef uint64_t Words __attribute__((vector_size(LANES * sizeof(float))));
constexpr int COUNTERS = LANES / 2;
struct Counters { Words of[4]; };

// GCC does not see that a product of lower halves is one instruction.
static inline Words times(Words word, uint32_t by) {
#if defined(__AVX512F__)
  return (Words)_mm512_mul_epu32((__m512i)word, _mm512_set1_epi64(by));
#elif defined(__AVX2__)
  return (Words)_mm256_mul_epu32((__m256i)word, _mm256_set1_epi64x(by));
#else
  return (word & 0xffffffff) * by;
#endif
}

// Several vectors of counters at once: they do not wait for each other.
static inline void philox(Counters *all, int count, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++, key0 += 0x9e3779b9, key1 += 0xbb67ae85)
    for (int i = 0; i < count; i++) {
      Words *of = all[i].of;
      const Words left = times(of[0], 0xd2511f53), right = times(of[2], 0xcd9e8d57);
      of[0] = (right >> 32) ^ of[1] ^ key0;
      of[1] = right;
      of[2] = (left >> 32) ^ of[3] ^ key1;
      of[3] = left;
    }
}
} // namespace INSTRUCTIONS
