// See attention.h. Compiled as lstm.cc is.
#include "attention.h"
#include "vectors.h"
#include "tiles.h"
#include "softmaxRow.h"

namespace INSTRUCTIONS {

// The rows of one head in a matrix of all.
struct Head {
  long rows, columns, stride; // seq, size, from one row to the next
  long first;                 // where they begin
};
static Head headOf(const Attention &all, long pair) {
  const long stride = all.heads * all.size;
  return {all.seq, all.size, stride, pair / all.heads * all.seq * stride + pair % all.heads * all.size};
}

// Tiles [rows, WIDE] of the columns; returns where they end.
static float *tilesOf(const float *all, const Head &head, float *to) {
  for (long first = 0; first < head.columns; first += WIDE)
    for (long row = 0; row < head.rows; row++, to += WIDE) {
      const float *from = all + head.first + row * head.stride + first;
      for (long c = 0; c < WIDE; c += LANES) store(to + c, load(from + c, head.columns - first - c));
    }
  return to;
}
// The same of the transpose: tiles [columns, WIDE] of the rows.
static float *transposedTilesOf(const float *all, const Head &head, float *to) {
  for (long first = 0; first < head.rows; first += WIDE, to += head.columns * WIDE)
    for (long row = 0; row < WIDE; row++) {
      const float *from = all + head.first + (first + row) * head.stride;
      const bool isThere = first + row < head.rows;
      for (long c = 0; c < head.columns; c++) to[c * WIDE + row] = isThere ? from[c] : 0;
    }
  return to;
}

// The product of some rows [depth] with all tiles: to [rows, columns].
template <typename From>
static void product(int count, From from, long depth, const float *tiles, float *to, long stride, long columns) {
  for (long first = 0; first < columns; first += WIDE, tiles += depth * WIDE) {
    Sums sums = {};
    multiply(count, from, depth, tiles, sums);
    for (int r = 0; r < count; r++)
      for (int c = 0; c < COLUMNS; c++) {
        const long column = first + c * LANES;
        store(to + r * stride + column, sums.of[r][c], columns - column);
      }
  }
}
static Rows rowsOf(const float *first, long stride, int count, const float **rows) {
  for (int r = 0; r < count; r++) rows[r] = first + r * stride;
  return {rows};
}

// What dropout makes of weights: factors, or 0.
static inline Vector keptOf(const uint8_t *kept, long count, float factor) {
  typedef uint8_t Bytes __attribute__((vector_size(LANES)));
  Bytes bytes = {};
  if (count >= LANES) memcpy(&bytes, kept, sizeof bytes);
  else if (count > 0) memcpy(&bytes, kept, count);
  return __builtin_convertvector(__builtin_convertvector(bytes, Whole), Vector) * factor;
}

void attention(const Attention &all, const AttentionForward &to, long first, long end, float *room) {
  const long seq = all.seq, size = all.size, wide = (seq + WIDE - 1) / WIDE * WIDE;
  const float scale = 1 / __builtin_sqrtf(size);
  for (long pair = first; pair < end; pair++) {
    const Head head = headOf(all, pair);
    float *keys = room, *values = transposedTilesOf(all.key, head, keys), *weights = tilesOf(all.value, head, values);
    const float *bias = to.bias + pair / all.heads * to.strides[0] + pair % all.heads * to.strides[1];
    inParts(seq, [&](long query, int count) {
      const float *rows[ROWS];
      const long at = head.first + query * head.stride;
      product(count, rowsOf(all.query + at, head.stride, count, rows), size, keys, weights, wide, wide);
      for (int r = 0; r < count; r++) {
        float *row = weights + r * wide;
        const float *added = bias + (query + r) * to.strides[2];
        for (long key = 0; key < seq; key += LANES) store(row + key, load(row + key) * scale + load(added + key, seq - key));
        const float share = toPowers(row, seq);
        const long place = (pair * seq + query + r) * seq;
        for (long key = 0; key < seq; key += LANES) {
          const Vector weight = load(row + key) * share;
          if (to.weights) store(to.weights + place + key, weight, seq - key);
          store(row + key, all.kept ? weight * keptOf(all.kept + place + key, seq - key, all.factor) : weight);
        }
      }
      product(count, rowsOf(weights, wide, count, rows), seq, values, to.output + at, head.stride, size);
    });
  }
}

void attentionBackward(const Attention &all, const AttentionBackward &to, long first, long end, float *room) {
  const long seq = all.seq, size = all.size, wide = (seq + WIDE - 1) / WIDE * WIDE;
  const float scale = 1 / __builtin_sqrtf(size);
  for (long pair = first; pair < end; pair++) {
    const Head head = headOf(all, pair);
    float *values = room, *keys = transposedTilesOf(all.value, head, values), *queries = tilesOf(all.key, head, keys);
    float *dOutputs = tilesOf(all.query, head, queries), *weights = tilesOf(to.dOutput, head, dOutputs);
    float *dScores = weights + seq * wide; // these two [seq, wide]
    inParts(seq, [&](long query, int count) {
      const float *rows[ROWS];
      const long at = head.first + query * head.stride;
      float *of = dScores + query * wide;
      product(count, rowsOf(to.dOutput + at, head.stride, count, rows), size, values, of, wide, wide);
      for (int r = 0; r < count; r++) {
        const long place = (pair * seq + query + r) * seq;
        float *row = of + r * wide, *dropped = weights + (query + r) * wide;
        Vector sums = {};
        for (long key = 0; key < seq; key += LANES) {
          const long left = seq - key;
          const Vector weight = load(to.weights + place + key, left);
          const Vector kept = all.kept ? keptOf(all.kept + place + key, left, all.factor) : Vector{} + 1;
          const Vector dWeight = load(row + key) * kept;
          store(dropped + key, weight * kept);
          store(row + key, dWeight);
          sums += dWeight * weight;
        }
        const float along = sumOf(sums);
        for (long key = 0; key < seq; key += LANES)
          store(row + key, (load(row + key) - along) * load(to.weights + place + key, seq - key) * scale);
      }
      product(count, rowsOf(of, wide, count, rows), seq, keys, to.dQuery + at, head.stride, size);
    });
    inParts(seq, [&](long key, int count) {
      const long at = head.first + key * head.stride;
      product(count, Beside{dScores + key, wide}, seq, queries, to.dKey + at, head.stride, size);
      product(count, Beside{weights + key, wide}, seq, dOutputs, to.dValue + at, head.stride, size);
    });
  }
}

} // namespace INSTRUCTIONS
