// See compute.h.
#include "softmax.h"
#include "compute.h"
#include "parallel.h"
#include "parts.h"

// Shape and bias of scores that were asked for last; undefined where the call is not right.
static Softmax softmaxOf(Call &call, float scale, std::vector<int64_t> &shape) {
  Softmax all = {};
  shape = call.shape();
  call.expect(shape.size() == 4, "scores are [batch, heads, queries, keys]");
  all.bias = call.input(1, 4);
  const std::vector<int64_t> bias = call.shape();
  if (!call.isRight()) return all;
  all.heads = shape[1];
  all.queries = shape[2];
  all.keys = shape[3];
  all.scale = scale;
  call.expect(bias[3] == shape[3], "the bias has other keys than the scores");
  long size = bias[3];
  for (int i = 2; i >= 0; i--) {
    call.expect(bias[i] == 1 || bias[i] == shape[i], "the bias has another shape than the scores");
    all.strides[i] = bias[i] == 1 ? 0 : size;
    size *= bias[i];
  }
  return all;
}

static void run(const Softmax &all, const std::vector<int64_t> &shape, int64_t most) {
  const Parts parts(shape[0] * shape[1] * shape[2], shape[3]);
  std::vector<float> rows(parts.count * all.keys);
  inParallel(parts.count, [&](long part) {
    BEST(most, softmax, all, parts.begin(part), parts.begin(part + 1), rows.data() + part * all.keys);
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
