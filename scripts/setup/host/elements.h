// What is computed element by element. Each call does those of one part.
#pragma once
#include <cstdint>

// The exact GELU and its derivative (Hendrycks & Gimpel 2016).
struct Gelu {
  const float *x;
  float *value, *derivative;
};

// The same of rows of bfloat16 and a bias, the value rounded to bfloat16.
struct BiasGelu {
  long width;
  const uint16_t *x;
  const float *bias;
  uint16_t *value;
  float *derivative;
};

// A gradient through an activation: rows times its derivative.
struct Slope {
  long width;
  const float *derivative;
  // Of both, the ones in float32 or those in bfloat16.
  const float *dy;
  float *dx;
  const uint16_t *dy16;
  uint16_t *dx16;
};

// What dropout keeps: 0, with probability `rate`, or 1, from the numbers of TensorFlow's StatelessRandomUniform.
struct DropoutMask {
  int seed[2];
  float rate;
  uint8_t *kept;
};

// What is kept of x times `scale`, and the rest times 0.
struct Dropped {
  const float *x;
  const uint8_t *kept;
  float scale;
  float *y;
};

// Rows of bfloat16 and a bias, in float32.
struct AddBias {
  long width;
  const uint16_t *x;
  const float *bias;
  float *sum;
};

// elements.cc is compiled once for each set of instructions. The first element of a part of a mask is a multiple of 4.
#define ELEMENTS_FOR(instructions)                                                  \
  namespace instructions {                                                          \
  void gelu(const Gelu &all, long first, long end);                                 \
  void biasGelu(const BiasGelu &all, long first, long end); /* rows */              \
  /* rows; sum [width]: of these alone, before they are rounded */                  \
  void slope(const Slope &all, long first, long end, float *sum);                   \
  void addBias(const AddBias &all, long first, long end); /* rows */                \
  double squaresOf(const float *from, long count);                                  \
  void scaled(const float *from, float *to, long count, float by);                  \
  void dropoutMask(const DropoutMask &all, long first, long end);                   \
  void dropped(const Dropped &all, long first, long end);                           \
  }
ELEMENTS_FOR(plain)
#if defined(__x86_64__)
ELEMENTS_FOR(avx2)
ELEMENTS_FOR(avx512)
#endif
