// The softmax of one row. Included behind vectors.h.
#pragma once
#include "power.h"
#include <cfloat>

namespace INSTRUCTIONS {
// The first `count` lanes, and something else in those behind them.
static inline Vector only(Vector value, long count, float other) {
  for (long lane = count < 0 ? 0 : count; lane < LANES; lane++) value[lane] = other;
  return value;
}

// Makes scores powers, [keys] and as much behind them as fills a vector, and returns one over their sum.
static inline float toPowers(float *row, long keys) {
  Vector most = Vector{} - FLT_MAX;
  for (long key = 0; key < keys; key += LANES) {
    const Vector score = load(row + key), there = keys - key < LANES ? only(score, keys - key, -FLT_MAX) : score;
    most = there > most ? there : most;
  }
  float highest = most[0];
  for (int lane = 1; lane < LANES; lane++) highest = most[lane] > highest ? most[lane] : highest;
  Vector sums = {};
  for (long key = 0; key < keys; key += LANES) {
    const Vector power = powerOf(load(row + key) - highest);
    store(row + key, power);
    sums += keys - key < LANES ? only(power, keys - key, 0) : power;
  }
  return 1 / sumOf(sums);
}
} // namespace INSTRUCTIONS
