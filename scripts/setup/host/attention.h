// Scaled dot-product attention (Vaswani et al. 2017, eq. 1) and the way back. Queries, keys, values and what comes out are
// [batch * seq, heads * size]; each call does some of the pairs of a text of the batch and a head.
#pragma once
#include <cstdint>
#include "room.h"

struct Attention {
  long heads, seq, size;
  const float *query, *key, *value;
  const uint8_t *kept; // [batch, heads, seq, seq]: the weights that dropout keeps; none: all
  float factor;        // of those
};

struct AttentionForward {
  const float *bias;
  long strides[3]; // of the bias, by text, head and query; 0 where it is the same for all
  float *output;
  float *weights; // [batch, heads, seq, seq], before dropout; none: they are not asked for
};

struct AttentionBackward {
  const float *dOutput, *weights;
  float *dQuery, *dKey, *dValue;
};

// How many floats a call works in.
static inline long roomOfAttention(long seq, long size) { return size * inTiles(seq) + seq * inTiles(size) + 6 * inTiles(seq); }
static inline long roomOfAttentionBackward(long seq, long size) {
  return size * inTiles(seq) + 3 * seq * inTiles(size) + 2 * seq * inTiles(seq);
}

// attention.cc is compiled once for each set of instructions.
#define ATTENTION_FOR(instructions)                                                                                 \
  namespace instructions {                                                                                          \
  void attention(const Attention &all, const AttentionForward &to, long first, long end, float *room);              \
  void attentionBackward(const Attention &all, const AttentionBackward &to, long first, long end, float *room);     \
  }
ATTENTION_FOR(plain)
#if defined(__x86_64__)
ATTENTION_FOR(avx2)
ATTENTION_FOR(avx512)
#endif
