// A bias that is added to scores [batch, heads, queries, keys], and may be the same for all of the first three.
#pragma once
#include "call.h"

// Its numbers; strides: from one to the next of each of the three, 0 where it is the same.
inline const float *biasOf(Call &call, int input, const std::vector<int64_t> &scores, long strides[3]) {
  const float *bias = call.input(input, 4);
  const std::vector<int64_t> shape = call.shape();
  if (!call.isRight()) return nullptr;
  call.expect(shape[3] == scores[3], "the bias has other keys than the scores");
  long size = shape[3];
  for (int i = 2; i >= 0; i--) {
    call.expect(shape[i] == 1 || shape[i] == scores[i], "the bias has another shape than the scores");
    strides[i] = shape[i] == 1 ? 0 : size;
    size *= shape[i];
  }
  return bias;
}
