// The softmax of attention: scores [batch, heads, queries, keys] times a factor, and a bias that may be the same for all
// of a batch, of its heads, or of its queries. Each call does the rows [keys] of one part.
#pragma once
#include <cstdint>

struct Softmax {
  long heads, queries, keys;
  float scale;
  const float *bias;
  long strides[3]; // of the bias, by batch, head and query; 0 where it is the same for all
  // Of both, the ones in float32 or those in bfloat16.
  const float *scores;
  float *weights;
  const uint16_t *scores16;
  uint16_t *weights16;
};

struct SoftmaxBackward {
  long keys;
  const float *dWeights, *weights;
  float *dScores;
};

// softmax.cc is compiled once for each set of instructions. `row` [inTiles(keys)] is for its use.
#define SOFTMAX_FOR(instructions)                                                 \
  namespace instructions {                                                        \
  void softmax(const Softmax &all, long first, long end, float *row);             \
  void softmaxBackward(const SoftmaxBackward &all, long first, long end);         \
  }
SOFTMAX_FOR(plain)
#if defined(__x86_64__)
SOFTMAX_FOR(avx2)
SOFTMAX_FOR(avx512)
#endif
