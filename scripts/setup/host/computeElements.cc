// See compute.h.
#include "elements.h"
#include "compute.h"
#include "parallel.h"
#include "parts.h"

void computeBias(const Attributes &attributes, Call &call) {
  AddBias all = {};
  all.x = call.input<uint16_t>(0, 2);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.bias = call.input(1, 1, width);
  all.sum = call.output(0, {rows, width});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  IN_PARTS(parts, attributes.instructions, addBias, all);
}

void computeGelu(const Attributes &attributes, Call &call) {
  Gelu all = {};
  all.x = call.input(0);
  const std::vector<int64_t> shape = call.shape();
  all.value = call.output(0, shape);
  all.derivative = call.output(1, shape);
  if (!call.isRight()) return;
  const Parts parts(sizeOf(shape), 1);
  IN_PARTS(parts, attributes.instructions, gelu, all);
}

void computeBiasGelu16(const Attributes &attributes, Call &call) {
  BiasGelu all = {};
  all.x = call.input<uint16_t>(0, 2);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.bias = call.input(1, 1, width);
  all.value = call.output<uint16_t>(0, {rows, width});
  all.derivative = call.output(1, {rows, width});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  IN_PARTS(parts, attributes.instructions, biasGelu, all);
}

static void run(Slope &all, Call &call, int64_t rows, int64_t most) {
  const long width = all.width;
  all.derivative = call.input(1, 2, rows, width);
  float *sum = call.output(1, {width});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  std::vector<float> sums(parts.count * width);
  inParallel(parts.count, [&](long part) {
    BEST(most, slope, all, parts.begin(part), parts.begin(part + 1), sums.data() + part * width);
  });
  addParts(parts.count, sums.data(), width, sum, width);
}

void computeSlope(const Attributes &attributes, Call &call) {
  Slope all = {};
  all.dy = call.input(0, 2, -1);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.dx = call.output(0, {rows, width});
  run(all, call, rows, attributes.instructions);
}

void computeSlope16(const Attributes &attributes, Call &call) {
  Slope all = {};
  all.dy16 = call.input<uint16_t>(0, 2);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.dx16 = call.output<uint16_t>(0, {rows, width});
  run(all, call, rows, attributes.instructions);
}

void computeDropoutMask(const Attributes &attributes, Call &call) {
  const float rate = attributes.number;
  DropoutMask all = {};
  const int *sizes = call.input<int>(0, 1);
  std::vector<int64_t> shape(call.size(0));
  for (size_t i = 0; i < shape.size(); i++) {
    call.expect(sizes[i] >= 0, "a size is less than 0");
    shape[i] = sizes[i];
  }
  const int *seed = call.input<int>(1, 0);
  call.expect(rate >= 0 && rate < 1, "a rate is from 0 to less than 1");
  all.kept = call.output<uint8_t>(0, shape);
  if (!call.isRight()) return;
  all.seed[0] = *seed;
  all.seed[1] = static_cast<int>(attributes.drawn);
  all.rate = rate;
  const long size = sizeOf(shape);
  const Parts parts((size + 3) / 4, 4); // of four numbers each, that are drawn together
  inParallel(parts.count, [&](long part) {
    const long end = 4 * parts.begin(part + 1);
    BEST(attributes.instructions, dropoutMask, all, 4 * parts.begin(part), end < size ? end : size);
  });
}

void computeDropped(const Attributes &attributes, Call &call) {
  Dropped all = {};
  all.scale = 1 / (1 - attributes.number);
  all.x = call.input(0);
  const std::vector<int64_t> shape = call.shape();
  all.kept = call.input<uint8_t>(1);
  call.expect(call.shape() == shape, "a mask has another shape than what it is for");
  all.y = call.output(0, shape);
  if (!call.isRight()) return;
  const Parts parts(sizeOf(shape), 1);
  IN_PARTS(parts, attributes.instructions, dropped, all);
}
