// See elements.h. Compiled as lstm.cc is.
#include "elements.h"
#include "vectors.h"
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
      const Vector dx = load16(all.dy + here, count) * load(all.derivative + here, count);
      store(sum + at, load(sum + at, count) + dx, count);
      store16(all.dx + here, dx, count);
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
  for (long at = 0; at < count; at += LANES) store(to + at, load(from + at, count - at) * by, count - at);
}

// Philox 4x32-10 (Salmon et al. 2011) over several counters side by side, which the compiler makes vectors of.
constexpr int SIDE = 16;
struct Counters { uint32_t of[4][SIDE]; };
static inline void philox(Counters &all, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++, key0 += 0x9e3779b9, key1 += 0xbb67ae85) {
    for (int i = 0; i < SIDE; i++) {
      const uint64_t left = uint64_t{0xd2511f53} * all.of[0][i], right = uint64_t{0xcd9e8d57} * all.of[2][i];
      const uint32_t a = static_cast<uint32_t>(right >> 32) ^ all.of[1][i] ^ key0;
      const uint32_t c = static_cast<uint32_t>(left >> 32) ^ all.of[3][i] ^ key1;
      all.of[0][i] = a;
      all.of[1][i] = static_cast<uint32_t>(right);
      all.of[2][i] = c;
      all.of[3][i] = static_cast<uint32_t>(left);
    }
  }
}

void dropoutMask(const DropoutMask &all, long first, long end) {
  // TensorFlow's key and counter for a seed (stateless_random_ops.cc, GenerateKey).
  Counters mixed = {};
  for (int i = 0; i < 2; i++) {
    mixed.of[2 * i][0] = static_cast<uint32_t>(all.seed[i]);
    mixed.of[2 * i + 1][0] = all.seed[i] < 0 ? ~0u : 0u;
  }
  philox(mixed, 0x3ec8f720, 0x02461e29);
  for (long at = first; at < end; at += 4 * SIDE) {
    Counters drawn;
    for (int i = 0; i < SIDE; i++) {
      const uint64_t number = static_cast<uint64_t>(at / 4 + i);
      drawn.of[0][i] = static_cast<uint32_t>(number);
      drawn.of[1][i] = static_cast<uint32_t>(number >> 32);
      drawn.of[2][i] = mixed.of[2][0];
      drawn.of[3][i] = mixed.of[3][0];
    }
    philox(drawn, mixed.of[0][0], mixed.of[1][0]);
    uint8_t kept[4 * SIDE];
    for (int i = 0; i < SIDE; i++)
      for (int four = 0; four < 4; four++) {
        const uint32_t bits = (drawn.of[four][i] & 0x7fffff) | 0x3f800000; // a float from [1, 2)
        float uniform;
        memcpy(&uniform, &bits, sizeof uniform);
        kept[4 * i + four] = uniform - 1 >= all.rate;
      }
    const long count = end - at < 4 * SIDE ? end - at : 4 * SIDE;
    memcpy(all.kept + at, kept, count);
  }
}

void dropped(const Dropped &all, long first, long end) {
  const float *x = all.x, scale = all.scale;
  const uint8_t *kept = all.kept;
  float *__restrict y = all.y; // bytes may stand for anything, and so nothing would become vectors
  for (long at = first; at < end; at++) y[at] = x[at] * (kept[at] ? scale : 0.0f);
}

} // namespace INSTRUCTIONS
