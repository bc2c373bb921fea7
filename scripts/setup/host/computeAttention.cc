// See compute.h.
#include "attention.h"
#include "bias.h"
#include "compute.h"
#include "parallel.h"
#include "parts.h"
#include <atomic>
#include <memory>
#include <new>

namespace {
// The inputs from the first on, and the shape of the weights [batch, heads, seq, seq].
struct Attended {
  Attention all = {};
  std::vector<int64_t> weights = {0, 0, 0, 0};
  int64_t rows = 0, hidden = 0;
};

Attended attendedOf(const Attributes &attributes, Call &call, int first, int64_t seq) {
  Attended one;
  Attention &all = one.all;
  all.query = call.input(first, 2);
  one.rows = call.size(0);
  one.hidden = call.size(1);
  all.key = call.input(first + 1, 2, one.rows, one.hidden);
  all.value = call.input(first + 2, 2, one.rows, one.hidden);
  all.heads = attributes.heads;
  call.expect(all.heads > 0 && one.hidden > 0 && one.hidden % all.heads == 0, "the heads do not divide the columns");
  call.expect(seq > 0 && one.rows % seq == 0, "the rows are no whole texts");
  if (!call.isRight()) return one;
  all.size = one.hidden / all.heads;
  all.seq = seq;
  one.weights = {one.rows / seq, all.heads, seq, seq};
  return one;
}

// The mask of no elements keeps all.
void keep(const Attributes &attributes, Call &call, int input, Attended &one) {
  const uint8_t *kept = call.input<uint8_t>(input);
  const std::vector<int64_t> shape = call.shape();
  call.expect(shape == one.weights || sizeOf(shape) == 0, "the mask has another shape than the weights");
  one.all.kept = sizeOf(shape) == 0 ? nullptr : kept;
  one.all.factor = 1 / (1 - attributes.number);
}

// Calls work(first, end, room) for all pairs of a text and a head.
template <typename F> void inParts(Call &call, const Attended &one, long room, F work) {
  const Parts parts(one.weights[0] * one.weights[1], one.weights[2] * one.weights[3]);
  std::atomic<bool> isAll{true};
  inParallel(parts.count, [&](long part) {
    const std::unique_ptr<float[]> own(new (std::nothrow) float[room]);
    if (own) work(parts.begin(part), parts.begin(part + 1), own.get());
    else isAll = false;
  });
  call.expect(isAll, "there is no memory to work in", RESOURCE_EXHAUSTED);
}
} // namespace

void computeAttention(const Attributes &attributes, Call &call) {
  call.input(3, 4);
  Attended one = attendedOf(attributes, call, 0, call.size(3));
  AttentionForward to = {};
  to.bias = biasOf(call, 3, one.weights, to.strides);
  keep(attributes, call, 4, one);
  to.output = call.output(0, {one.rows, one.hidden});
  float *weights = call.output(1, attributes.keep ? one.weights : std::vector<int64_t>{0});
  if (!call.isRight()) return;
  to.weights = attributes.keep ? weights : nullptr;
  inParts(call, one, roomOfAttention(one.all.seq, one.all.size), [&](long first, long end, float *room) {
    BEST(attributes.instructions, attention, one.all, to, first, end, room);
  });
}

void computeAttentionGrad(const Attributes &attributes, Call &call) {
  AttentionBackward to = {};
  to.weights = call.input(4, 4);
  const std::vector<int64_t> weights = call.shape();
  Attended one = attendedOf(attributes, call, 1, call.size(3));
  call.expect(weights == one.weights, "the weights have another shape");
  to.dOutput = call.input(0, 2, one.rows, one.hidden);
  keep(attributes, call, 5, one);
  to.dQuery = call.output(0, {one.rows, one.hidden});
  to.dKey = call.output(1, {one.rows, one.hidden});
  to.dValue = call.output(2, {one.rows, one.hidden});
  if (!call.isRight()) return;
  inParts(call, one, roomOfAttentionBackward(one.all.seq, one.all.size), [&](long first, long end, float *room) {
    BEST(attributes.instructions, attentionBackward, one.all, to, first, end, room);
  });
}
