// See elements.h. Compiled as lstm.cc is.
#include "elements.h"
#include "vectors.h"
#include "philox.h"
#include "power.h"

namespace INSTRUCTIONS {

struct Activated { Vector value, derivative; };
// Φ by formula 7.1.26 of Abramowitz & Stegun, whose error is 1.5e-7; it has the density as a factor.
static inline Activated geluOf(Vector x) {
  const Vector far = x < 0.0f ? -x : x;
  const Vector power = powerOf(x * x * -0.5f);
  const Vector t = 1.0f / (far * (0.3275911f * 0.70710678f) + 1.0f);
  Vector tail = t * 1.061405429f + -1.453152027f;
  tail = tail * t + 1.421413741f;
  tail = tail * t + -0.284496736f;
  tail = tail * t + 0.254829592f;
  tail = tail * t * power * 0.5f;
  const Vector cdf = x < 0.0f ? tail : 1.0f - tail;
  return {x * cdf, cdf + x * power * 0.39894228f};
}

void gelu(const Gelu &all, long first, long end) {
  for (long at = first; at < end; at += LANES) {
    const Activated own = geluOf(load(all.x + at, end - at));
    store(all.value + at, own.value, end - at);
    store(all.derivative + at, own.derivative, end - at);
  }
}

void biasGelu(const BiasGelu &all, long first, long end) {
  for (long row = first, width = all.width; row < end; row++)
    for (long at = 0; at < width; at += LANES) {
      const long count = width - at, here = row * width + at;
      const Activated own = geluOf(load16(all.x + here, count) + load(all.bias + at, count));
      store16(all.value + here, own.value, count);
      store(all.derivative + here, own.derivative, count);
    }
}

void slope(const Slope &all, long first, long end, float *sum) {
  const long width = all.width;
  for (long at = 0; at < width; at++) sum[at] = 0;
  for (long row = first; row < end; row++)
    for (long at = 0; at < width; at += LANES) {
      const long count = width - at, here = row * width + at;
      const Vector dy = all.dy16 ? load16(all.dy16 + here, count) : load(all.dy + here, count);
      const Vector dx = dy * load(all.derivative + here, count);
      store(sum + at, load(sum + at, count) + dx, count);
      if (all.dx16) store16(all.dx16 + here, dx, count);
      else store(all.dx + here, dx, count);
    }
}

void addBias(const AddBias &all, long first, long end) {
  for (long row = first; row < end; row++) {
    const uint16_t *x = all.x + row * all.width;
    float *sum = all.sum + row * all.width;
    for (long at = 0; at < all.width; at += LANES) {
      const long count = all.width - at;
      store(sum + at, load16(x + at, count) + load(all.bias + at, count), count);
    }
  }
}

double squaresOf(const float *from, long count) {
  Vector sums = {};
  for (long at = 0; at < count; at += LANES) {
    const Vector some = load(from + at, count - at);
    sums += some * some;
  }
  return sumOf(sums);
}

void scaled(const float *from, float *to, long count, float by) {
  if (from == to && by == 1) return;
  for (long at = 0; at < count; at += LANES) store(to + at, load(from + at, count - at) * by, count - at);
}

void dropoutMask(const DropoutMask &all, long first, long end) {
  typedef int64_t Signed __attribute__((vector_size(sizeof(Words))));
  typedef uint32_t Fours __attribute__((vector_size(sizeof(Words) / 2)));
  constexpr int SIDE = 4;
  constexpr long ONCE = 4 * SIDE * COUNTERS;
  // TensorFlow's key and counter for a seed (stateless_random_ops.cc, GenerateKey).
  Counters mixed = {};
  for (int i = 0; i < 2; i++) {
    mixed.of[2 * i][0] = static_cast<uint32_t>(all.seed[i]);
    mixed.of[2 * i + 1][0] = all.seed[i] < 0 ? ~0u : 0u;
  }
  philox(&mixed, 1, 0x3ec8f720, 0x02461e29);
  uint32_t start[4];
  for (int word = 0; word < 4; word++) start[word] = static_cast<uint32_t>(mixed.of[word][0]);
  // A number is 23 bits of a word over 2^23: the least that is not below the rate.
  const double exact = static_cast<double>(all.rate) * 0x800000;
  int64_t least = static_cast<int64_t>(exact);
  if (least < exact) least++;
  Words lane;
  for (int i = 0; i < COUNTERS; i++) lane[i] = i;
  for (long at = first; at < end; at += ONCE) {
    Counters drawn[SIDE];
    for (int i = 0; i < SIDE; i++) {
      const Words number = lane + static_cast<uint64_t>(at / 4 + i * COUNTERS);
      drawn[i] = {{number, number >> 32, Words{} + start[2], Words{} + start[3]}};
    }
    philox(drawn, SIDE, start[0], start[1]);
    uint8_t kept[ONCE];
    for (int i = 0; i < SIDE; i++) {
      Words bytes = {};
      for (int word = 0; word < 4; word++)
        bytes |= (Words)((Signed)(drawn[i].of[word] & 0x7fffff) >= least) & (uint64_t{1} << 8 * word);
      const Fours fours = __builtin_convertvector(bytes, Fours);
      memcpy(kept + 4 * i * COUNTERS, &fours, sizeof fours);
    }
    memcpy(all.kept + at, kept, end - at < ONCE ? end - at : ONCE);
  }
}

void dropped(const Dropped &all, long first, long end) {
  const float *x = all.x, scale = all.scale;
  const uint8_t *kept = all.kept;
  float *__restrict y = all.y; // bytes may stand for anything, and so nothing would become vectors
  for (long at = first; at < end; at++) y[at] = x[at] * (kept[at] ? scale : 0.0f);
}

} // namespace INSTRUCTIONS
