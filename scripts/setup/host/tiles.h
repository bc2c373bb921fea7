// Products of some rows with tiles of a matrix, in registers. Included behind vectors.h.
#pragma once
#include "room.h"

namespace INSTRUCTIONS {
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int ROWS = 6; // 24 sums, 4 factors, and room for one more, in 32 registers
#else
constexpr int ROWS = 3; // 12 sums in 16 registers
#endif
constexpr int COLUMNS = 4; // vectors side by side in a tile
constexpr long WIDE = COLUMNS * LANES;
static_assert(WIDE <= WIDEST, "the room that tiles are given is large enough");

struct Sums { Vector of[ROWS][COLUMNS]; };

// Factors of rows that each lie in one piece, and of those that lie side by side.
struct Rows { const float *const *rows; float operator()(int r, long k) const { return rows[r][k]; } };
struct Beside { const float *first; long stride; float operator()(int r, long k) const { return first[k * stride + r]; } };

// Adds the product of COUNT rows [depth] with a tile [depth, WIDE].
template <int COUNT, typename From> static inline void multiply(From from, long depth, const float *tile, Sums &sums) {
  Vector own[COUNT][COLUMNS];
  for (int r = 0; r < COUNT; r++) for (int c = 0; c < COLUMNS; c++) own[r][c] = sums.of[r][c];
  for (long k = 0; k < depth; k++, tile += WIDE)
    for (int c = 0; c < COLUMNS; c++) {
      const Vector factor = load(tile + c * LANES);
      for (int r = 0; r < COUNT; r++) own[r][c] += factor * from(r, k);
    }
  for (int r = 0; r < COUNT; r++) for (int c = 0; c < COLUMNS; c++) sums.of[r][c] = own[r][c];
}
template <typename From> static void multiply(int count, From from, long depth, const float *tile, Sums &sums) {
  switch (count) {
    case 1: return multiply<1>(from, depth, tile, sums);
    case 2: return multiply<2>(from, depth, tile, sums);
    case 3: return multiply<3>(from, depth, tile, sums);
    case 4: return multiply<ROWS < 4 ? ROWS : 4>(from, depth, tile, sums);
    case 5: return multiply<ROWS < 5 ? ROWS : 5>(from, depth, tile, sums);
    default: return multiply<ROWS>(from, depth, tile, sums);
  }
}

// Calls with as many rows at once as there are registers for, in parts as equal as may be.
template <typename F> static inline void inParts(long count, F part) {
  const long parts = (count + ROWS - 1) / ROWS;
  for (long p = 0; p < parts; p++) {
    const long first = count * p / parts;
    part(first, static_cast<int>(count * (p + 1) / parts - first));
  }
}
} // namespace INSTRUCTIONS
