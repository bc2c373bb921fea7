// See layerNorm.h. Compiled as lstm.cc is.
#include "layerNorm.h"
#include "vectors.h"

namespace INSTRUCTIONS {

// Mean and inverse standard deviation of a row.
struct Moments { float mean, inverse; };
static inline Moments momentsOf(const float *x, long width, float epsilon) {
  Vector sums = {};
  for (long at = 0; at < width; at += LANES) sums += load(x + at, width - at);
  const float mean = sumOf(sums) / width;
  Vector squares = {};
  for (long at = 0; at < width; at += LANES) {
    Vector off = load(x + at, width - at) - mean;
    for (long lane = width - at; lane < LANES; lane++) off[lane] = 0; // behind the row's end
    squares += off * off;
  }
  return {mean, 1 / __builtin_sqrtf(sumOf(squares) / width + epsilon)};
}

void layerNorm(const LayerNorm &all, long first, long end) {
  const long width = all.width;
  for (long row = first; row < end; row++) {
    const float *x = all.x + row * width;
    const auto [mean, inverse] = momentsOf(x, width, all.epsilon);
    all.inverse[row] = inverse;
    for (long at = 0; at < width; at += LANES) {
      const Vector normal = (load(x + at, width - at) - mean) * inverse;
      Vector value = normal * load(all.weight + at, width - at);
      if (all.bias) value += load(all.bias + at, width - at);
      store(all.normal + row * width + at, normal, width - at);
      store(all.value + row * width + at, value, width - at);
    }
  }
}

void addNorm(const AddNorm &all, long first, long end) {
  const long width = all.width;
  for (long row = first; row < end; row++) {
    const uint16_t *x = all.x + row * width;
    const float *residual = all.residual + row * width;
    float *value = all.value + row * width;
    uint16_t *half = all.half + row * width;
    for (long at = 0; at < width; at += LANES) store(value + at, load16(x + at, width - at) + load(residual + at, width - at), width - at);
    const auto [mean, inverse] = momentsOf(value, width, all.epsilon);
    for (long at = 0; at < width; at += LANES) {
      const long count = width - at;
      const Vector normal = (load(value + at, count) - mean) * inverse;
      const Vector own = normal * load(all.weight + at, count) + load(all.bias + at, count);
      store(value + at, own, count);
      store16(half + at, own, count);
    }
  }
}

void layerNormBackward(const LayerNormBackward &all, long first, long end, float *dWeight, float *dBias) {
  const long width = all.width;
  for (long at = 0; at < width; at++) dWeight[at] = dBias[at] = 0;
  for (long row = first; row < end; row++) {
    const float *dy = all.dy + row * width, *normal = all.normal + row * width;
    Vector sums = {}, alongs = {};
    for (long at = 0; at < width; at += LANES) {
      const long count = width - at;
      const Vector given = load(dy + at, count), own = load(normal + at, count);
      const Vector scaled = given * load(all.weight + at, count);
      sums += scaled;
      alongs += scaled * own;
      store(dWeight + at, load(dWeight + at, count) + given * own, count);
      store(dBias + at, load(dBias + at, count) + given, count);
    }
    const float mean = sumOf(sums) / width, along = sumOf(alongs) / width, inverse = all.inverse[row];
    for (long at = 0; at < width; at += LANES) {
      const long count = width - at;
      const Vector scaled = load(dy + at, count) * load(all.weight + at, count);
      store(all.dx + row * width + at, (scaled - mean - load(normal + at, count) * along) * inverse, count);
    }
  }
}

} // namespace INSTRUCTIONS
