// See softmax.h. Compiled as lstm.cc is.
#include "softmax.h"
#include "vectors.h"
#include "softmaxRow.h"

namespace INSTRUCTIONS {

void softmax(const Softmax &all, long first, long end, float *row) {
  const long keys = all.keys;
  for (long at = first; at < end; at++) {
    const long query = at % all.queries, head = at / all.queries % all.heads, batch = at / all.queries / all.heads;
    const float *bias = all.bias + batch * all.strides[0] + head * all.strides[1] + query * all.strides[2];
    for (long key = 0; key < keys; key += LANES) {
      const long count = keys - key, from = at * keys + key;
      const Vector given = all.scores16 ? load16(all.scores16 + from, count) : load(all.scores + from, count);
      store(row + key, given * all.scale + load(bias + key, count));
    }
    const float share = toPowers(row, keys);
    for (long key = 0; key < keys; key += LANES) {
      const long count = keys - key, to = at * keys + key;
      const Vector weight = load(row + key, count) * share;
      if (all.weights16) store16(all.weights16 + to, weight, count);
      else store(all.weights + to, weight, count);
    }
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
