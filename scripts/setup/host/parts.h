// How kernels share their work out, and which of a function's variants they take.
#pragma once
#include <cstdint>
#include "parallel.h"

// Parts of some rows. As many whatever the threads, so that sums over the parts are the same to the bit.
struct Parts {
  long rows, count;
  Parts(long rows, long width) : rows(rows), count(rows * width / 65536) {
    if (count > MOST_THREADS) count = MOST_THREADS;
    if (count > rows) count = rows;
    if (count < 1) count = 1;
  }
  long begin(long part) const { return rows * part / count; }
};

// The sum of what each part has added up, whose beginnings are `stride` apart.
inline void addParts(long parts, const float *sums, long stride, float *to, long width) {
  for (long at = 0; at < width; at++) {
    to[at] = 0;
    for (long part = 0; part < parts; part++) to[at] += sums[part * stride + at];
  }
}

// The variant of a function for the best instructions that the processor has, `most` at the most.
#if defined(__x86_64__)
inline int bestHere() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0; // avx512 is compiled for both, too
  return __builtin_cpu_supports("avx512f") ? 2 : 1;
}
inline int bestOf(int64_t most) {
  static const int here = bestHere();
  return most < here ? static_cast<int>(most) : here;
}
#define BEST(most, function, ...)                                                                                  \
  (bestOf(most) > 1 ? avx512::function(__VA_ARGS__)                                                                \
   : bestOf(most) > 0 ? avx2::function(__VA_ARGS__)                                                                \
                      : plain::function(__VA_ARGS__))
#else
#define BEST(most, function, ...) plain::function(__VA_ARGS__)
#endif
// All parts, by a function that takes what it works on, a part's beginning and its end.
#define IN_PARTS(parts, most, function, all) \
  inParallel(parts.count, [&](long part) { BEST(most, function, all, parts.begin(part), parts.begin(part + 1)); })
