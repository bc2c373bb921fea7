// See compute.h.
#include "softmax.h"
#include "bias.h"
#include "compute.h"
#include "parallel.h"
#include "parts.h"
#include "room.h"

// Shape and bias of scores that were asked for last; undefined where the call is not right.
static Softmax softmaxOf(Call &call, float scale, std::vector<int64_t> &shape) {
  Softmax all = {};
  shape = call.shape();
  call.expect(shape.size() == 4, "scores are [batch, heads, queries, keys]");
  if (!call.isRight()) return all;
  all.bias = biasOf(call, 1, shape, all.strides);
  all.heads = shape[1];
  all.queries = shape[2];
  all.keys = shape[3];
  all.scale = scale;
  return all;
}

static void run(const Softmax &all, const std::vector<int64_t> &shape, int64_t most) {
  const Parts parts(shape[0] * shape[1] * shape[2], shape[3]);
  const long row = inTiles(all.keys);
  std::vector<float> rows(parts.count * row);
  inParallel(parts.count, [&](long part) {
    BEST(most, softmax, all, parts.begin(part), parts.begin(part + 1), rows.data() + part * row);
  });
}

void computeSoftmax(const Attributes &attributes, Call &call) {
  std::vector<int64_t> shape;
  const float *scores = call.input(0);
  Softmax all = softmaxOf(call, attributes.number, shape);
  all.scores = scores;
  all.weights = call.output(0, shape);
  if (call.isRight()) run(all, shape, attributes.instructions);
}

void computeSoftmax16(const Attributes &attributes, Call &call) {
  std::vector<int64_t> shape;
  const uint16_t *scores = call.input<uint16_t>(0);
  Softmax all = softmaxOf(call, attributes.number, shape);
  all.scores16 = scores;
  all.weights16 = call.output<uint16_t>(0, shape);
  if (call.isRight()) run(all, shape, attributes.instructions);
}

void computeSoftmaxGrad(const Attributes &attributes, Call &call) {
  SoftmaxBackward all = {};
  all.dWeights = call.input(0);
  const std::vector<int64_t> shape = call.shape();
  all.weights = call.input(1);
  call.expect(call.shape() == shape && !shape.empty(), "weights and their gradient have different shapes");
  all.dScores = call.output(0, shape);
  if (!call.isRight()) return;
  all.keys = shape.back();
  int64_t rows = 1;
  for (size_t i = 0; i + 1 < shape.size(); i++) rows *= shape[i];
  const Parts parts(rows, all.keys);
  IN_PARTS(parts, attributes.instructions, softmaxBackward, all);
}
