// Layer normalisation over rows [width], and its gradient (Ba et al. 2016). Each call does the rows of one part.
#pragma once
#include <cstdint>

struct LayerNorm {
  long width;
  float epsilon;
  const float *x, *weight, *bias; // bias may be null
  float *value, *normal, *inverse; // inverse: [rows], one over the standard deviation
};

// The norm of a sum, for where no gradients are wanted.
struct AddNorm {
  long width;
  float epsilon;
  const uint16_t *x; // bfloat16
  const float *residual, *weight, *bias;
  float *value;
  uint16_t *half; // the same in bfloat16
};

struct LayerNormBackward {
  long width;
  const float *dy, *normal, *inverse, *weight;
  float *dx;
};

// layerNorm.cc is compiled once for each set of instructions. `dWeight` and `dBias` [width] are the sums of these rows alone.
#define LAYER_NORM_FOR(instructions)                                                                                \
  namespace instructions {                                                                                          \
  void layerNorm(const LayerNorm &all, long first, long end);                                                       \
  void addNorm(const AddNorm &all, long first, long end);                                                           \
  void layerNormBackward(const LayerNormBackward &all, long first, long end, float *dWeight, float *dBias);         \
  }
LAYER_NORM_FOR(plain)
#if defined(__x86_64__)
LAYER_NORM_FOR(avx2)
LAYER_NORM_FOR(avx512)
#endif
