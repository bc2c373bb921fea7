// See lstm.h. Compiled with -DINSTRUCTIONS=plain, avx2, avx512 and the options that go with it (host.mjs). So it may use nothing
// of the standard library that is compiled with it: the linker keeps one copy of that for all, perhaps the one for AVX-512.
#include "lstm.h"
#include "vectors.h"
#include "tiles.h"

namespace INSTRUCTIONS {

// tanh as a quotient of polynomials, exact to some units in the last place (the coefficients are Eigen's).
static inline Vector tanhOf(Vector x) {
  constexpr float most = 7.90531110763549805f;
  x = x > most ? Vector{} + most : x;
  x = x < -most ? Vector{} - most : x;
  const Vector square = x * x;
  Vector odd = square * -2.76076847742355e-16f + 2.00018790482477e-13f;
  odd = odd * square + -8.60467152213735e-11f;
  odd = odd * square + 5.12229709037114e-08f;
  odd = odd * square + 1.48572235717979e-05f;
  odd = odd * square + 6.37261928875436e-04f;
  odd = odd * square + 4.89352455891786e-03f;
  Vector even = square * 1.19825839466702e-06f + 1.18534705686654e-04f;
  even = even * square + 2.26843463243900e-03f;
  even = even * square + 4.89352518554385e-03f;
  return x * odd / even;
}
static inline Vector sigmoidOf(Vector x) { return tanhOf(x * 0.5f) * 0.5f + 0.5f; }

// Where a row of the batch is at a step.
static inline long at(const Lstm &lstm, long row, long step) {
  return row * lstm.seq + (lstm.reverse ? lstm.lengths[row] - 1 - step : step);
}
static inline const float *cellBefore(const Lstm &lstm, const float *cell, long row, long step) {
  return cell + at(lstm, row, step - 1) * lstm.units;
}
static long stepsOf(const Lstm &lstm) {
  long most = 0;
  for (long row = 0; row < lstm.batch; row++) if (lstm.lengths[row] > most) most = lstm.lengths[row];
  return most;
}
// Those of the batch that have a step; returns how many.
static long rowsAt(const Lstm &lstm, long step, long *rows) {
  long count = 0;
  for (long row = 0; row < lstm.batch; row++) if (step < lstm.lengths[row]) rows[count++] = row;
  return count;
}
static void clearPadding(const Lstm &lstm, float *values, long width) {
  for (long row = 0; row < lstm.batch; row++) {
    const long length = lstm.lengths[row];
    if (length < lstm.seq) memset(values + (row * lstm.seq + length) * width, 0, (lstm.seq - length) * width * sizeof(float));
  }
}

void lstmForward(const Lstm &lstm, const LstmForward &all, const LstmRoom &room) {
  const long units = lstm.units, tiles = (units + LANES - 1) / LANES, tileSize = units * WIDE;
  float *packed = room.packed; // [tile, unit before, gate, lane]
  for (long gate = 0; gate < 4; gate++)
    for (long unit = 0; unit < units; unit++) {
      const float *from = lstm.recurrent + (gate * units + unit) * units;
      float *to = &packed[unit / LANES * tileSize + gate * LANES + unit % LANES];
      for (long k = 0; k < units; k++) to[k * WIDE] = from[k];
    }
  for (long step = 0, steps = stepsOf(lstm); step < steps; step++) {
    const long *rows = room.rows, active = rowsAt(lstm, step, room.rows);
    for (long tile = 0; tile < tiles; tile++) {
      const long first = tile * LANES, count = units - first;
      inParts(active, [&](long start, int part) {
        Sums sums;
        const float *before[ROWS];
        for (int r = 0; r < part; r++) {
          const float *gates = all.gates + at(lstm, rows[start + r], step) * 4 * units + first;
          for (int gate = 0; gate < 4; gate++) sums.of[r][gate] = load(gates + gate * units, count);
          if (step > 0) before[r] = all.output + at(lstm, rows[start + r], step - 1) * units;
        }
        if (step > 0) multiply(part, Rows{before}, units, &packed[tile * tileSize], sums);
        for (int r = 0; r < part; r++) {
          const long row = at(lstm, rows[start + r], step);
          const Vector i = sigmoidOf(sums.of[r][0]), f = sigmoidOf(sums.of[r][1]);
          const Vector g = tanhOf(sums.of[r][2]), o = sigmoidOf(sums.of[r][3]);
          const Vector cell = step > 0 ? i * g + f * load(cellBefore(lstm, all.cell, rows[start + r], step) + first, count) : i * g;
          float *activated = all.activated + row * 4 * units + first;
          store(activated, i, count);
          store(activated + units, f, count);
          store(activated + 2 * units, g, count);
          store(activated + 3 * units, o, count);
          store(all.cell + row * units + first, cell, count);
          store(all.output + row * units + first, o * tanhOf(cell), count);
          store(all.previous + row * units + first, step > 0 ? load(before[r] + first, count) : Vector{}, count);
        }
      });
    }
  }
  clearPadding(lstm, all.output, units);
  clearPadding(lstm, all.previous, units);
  clearPadding(lstm, all.cell, units);
  clearPadding(lstm, all.activated, 4 * units);
}

void lstmBackward(const Lstm &lstm, const LstmBackward &all, const LstmRoom &room) {
  const long units = lstm.units, tiles = (units + WIDE - 1) / WIDE, tileSize = 4 * units * WIDE;
  float *packed = room.packed; // [tile, gate and unit after, lanes]
  for (long tile = 0; tile < tiles; tile++)
    for (long k = 0; k < 4 * units; k++) {
      const long first = tile * WIDE, count = units - first < WIDE ? units - first : WIDE;
      memcpy(&packed[tile * tileSize + k * WIDE], lstm.recurrent + k * units + first, count * sizeof(float));
    }
  float *cells = room.cells; // gradient of the cell that comes from the step after
  for (long step = stepsOf(lstm) - 1; step >= 0; step--) {
    const long *rows = room.rows, active = rowsAt(lstm, step, room.rows);
    for (long tile = 0; tile < tiles; tile++)
      inParts(active, [&](long start, int part) {
        Sums sums = {};
        const float *after[ROWS];
        for (int r = 0; r < part; r++) {
          const long row = rows[start + r];
          after[r] = step + 1 < lstm.lengths[row] ? all.gates + at(lstm, row, step + 1) * 4 * units : room.none;
        }
        multiply(part, Rows{after}, 4 * units, &packed[tile * tileSize], sums);
        for (int r = 0; r < part; r++)
          for (int c = 0; c < COLUMNS; c++) {
            const long first = tile * WIDE + c * LANES, count = units - first;
            if (count <= 0) break;
            const long row = at(lstm, rows[start + r], step);
            const float *activated = all.activated + row * 4 * units + first;
            const Vector i = load(activated, count), f = load(activated + units, count);
            const Vector g = load(activated + 2 * units, count), o = load(activated + 3 * units, count);
            const Vector squashed = tanhOf(load(all.cell + row * units + first, count));
            const Vector before = step > 0 ? load(cellBefore(lstm, all.cell, rows[start + r], step) + first, count) : Vector{};
            float *carried = &cells[rows[start + r] * units + first];
            const Vector dOutput = load(all.dy + row * units + first, count) + sums.of[r][c];
            const Vector dCell = dOutput * o * (1 - squashed * squashed) + load(carried, count);
            store(carried, dCell * f, count);
            float *gates = all.gates + row * 4 * units + first;
            store(gates, dCell * g * i * (1 - i), count);
            store(gates + units, dCell * before * f * (1 - f), count);
            store(gates + 2 * units, dCell * i * (1 - g * g), count);
            store(gates + 3 * units, dOutput * squashed * o * (1 - o), count);
          }
      });
  }
  clearPadding(lstm, all.gates, 4 * units);
}

} // namespace INSTRUCTIONS
