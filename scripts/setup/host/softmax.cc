// See softmax.h. Compiled as lstm.cc is.
#include "softmax.h"
#include "vectors.h"
#include "power.h"
#include <cfloat>

namespace INSTRUCTIONS {

// The first `count` lanes, and something else in those behind them.
static inline Vector only(Vector value, long count, float other) {
  for (long lane = count < 0 ? 0 : count; lane < LANES; lane++) value[lane] = other;
  return value;
}

void softmax(const Softmax &all, long first, long end, float *row) {
  const long keys = all.keys;
  for (long at = first; at < end; at++) {
    const long query = at % all.queries, head = at / all.queries % all.heads, batch = at / all.queries / all.heads;
    const float *bias = all.bias + batch * all.strides[0] + head * all.strides[1] + query * all.strides[2];
    if (all.scores16) for (long key = 0; key < keys; key++) row[key] = from16(all.scores16[at * keys + key]);
    else for (long key = 0; key < keys; key++) row[key] = all.scores[at * keys + key];
    Vector most = Vector{} - FLT_MAX;
    for (long key = 0; key < keys; key += LANES) {
      const Vector score = load(row + key, keys - key) * all.scale + load(bias + key, keys - key);
      store(row + key, score, keys - key);
      const Vector there = keys - key < LANES ? only(score, keys - key, -FLT_MAX) : score;
      most = there > most ? there : most;
    }
    float highest = most[0];
    for (int lane = 1; lane < LANES; lane++) highest = most[lane] > highest ? most[lane] : highest;
    Vector sums = {};
    for (long key = 0; key < keys; key += LANES) {
      const Vector power = powerOf(load(row + key, keys - key) - highest);
      store(row + key, power, keys - key);
      sums += keys - key < LANES ? only(power, keys - key, 0) : power;
    }
    const float share = 1 / sumOf(sums);
    if (all.weights16) for (long key = 0; key < keys; key++) all.weights16[at * keys + key] = to16(row[key] * share);
    else for (long key = 0; key < keys; key++) all.weights[at * keys + key] = row[key] * share;
  }
}

void softmaxBackward(const SoftmaxBackward &all, long first, long end) {
  const long keys = all.keys;
  for (long at = first; at < end; at++) {
    const float *dWeights = all.dWeights + at * keys, *weights = all.weights + at * keys;
    Vector sums = {};
    for (long key = 0; key < keys; key += LANES) sums += load(dWeights + key, keys - key) * load(weights + key, keys - key);
    const float along = sumOf(sums);
    for (long key = 0; key < keys; key += LANES) {
      const long count = keys - key;
      store(all.dScores + at * keys + key, (load(dWeights + key, count) - along) * load(weights + key, count), count);
    }
  }
}

} // namespace INSTRUCTIONS
