// See compute.h.
#include "compute.h"
#include "elements.h"
#include "layerNorm.h"
#include "lstm.h"
#include "parallel.h"
#include "parts.h"
#include <cmath>

// What inputs of the LSTM's kernels say together. Undefined where the call is not right.
static Lstm lstmOf(Call &call, bool reverse, int recurrent, int lengths, int64_t rows) {
  Lstm lstm = {};
  lstm.reverse = reverse;
  lstm.recurrent = call.input(recurrent, 2, -1);
  lstm.units = call.size(1);
  call.expect(call.size(0) == 4 * lstm.units && lstm.units > 0, "recurrent weights are [4 * units, units]");
  lstm.lengths = call.input<int>(lengths, 1, -1);
  lstm.batch = call.size(0);
  call.expect(lstm.batch > 0 && rows % lstm.batch == 0, "the rows are not as many for each length");
  if (!call.isRight()) return lstm;
  lstm.seq = rows / lstm.batch;
  for (long row = 0; row < lstm.batch; row++)
    call.expect(lstm.lengths[row] >= 0 && lstm.lengths[row] <= lstm.seq, "a length is more than there are rows");
  return lstm;
}

// lstm.h says of what.
struct Room {
  std::vector<float> packed, cells, none;
  std::vector<long> rows;
  LstmRoom all;
  explicit Room(const Lstm &lstm)
      : packed(4 * lstm.units * (lstm.units + WIDEST - 1)), cells(lstm.batch * lstm.units), none(4 * lstm.units),
        rows(lstm.batch), all{packed.data(), cells.data(), none.data(), rows.data()} {}
};

void computeLstm(const Attributes &attributes, Call &call) {
  LstmForward all = {};
  all.gates = call.input(0, 2, -1);
  const int64_t rows = call.size(0), wide = call.size(1);
  const Lstm lstm = lstmOf(call, attributes.reverse, 1, 2, rows);
  call.expect(wide == 4 * lstm.units, "gates are [batch * seq, 4 * units]");
  all.output = call.output(0, {rows, lstm.units});
  all.previous = call.output(1, {rows, lstm.units});
  all.cell = call.output(2, {rows, lstm.units});
  all.activated = call.output(3, {rows, wide});
  if (!call.isRight()) return;
  const Room room(lstm);
  BEST(attributes.instructions, lstmForward, lstm, all, room.all);
}

void computeLstmGrad(const Attributes &attributes, Call &call) {
  LstmBackward all = {};
  all.dy = call.input(0, 2, -1);
  const int64_t rows = call.size(0), columns = call.size(1);
  const Lstm lstm = lstmOf(call, attributes.reverse, 3, 4, rows);
  call.expect(columns == lstm.units, "dy is [batch * seq, units]");
  all.cell = call.input(1, 2, rows, lstm.units);
  all.activated = call.input(2, 2, rows, 4 * lstm.units);
  all.gates = call.output(0, {rows, 4 * lstm.units});
  if (!call.isRight()) return;
  const Room room(lstm);
  BEST(attributes.instructions, lstmBackward, lstm, all, room.all);
}

void computeLayerNorm(const Attributes &attributes, Call &call) {
  LayerNorm all = {};
  all.x = call.input(0, 2, -1);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.epsilon = attributes.number;
  all.weight = call.input(1, 1, width);
  all.bias = call.input(2, 1, -1);
  call.expect(call.size(0) == width || call.size(0) == 0, "the bias has another width than the rows");
  if (call.size(0) == 0) all.bias = nullptr;
  all.value = call.output(0, {rows, width});
  all.normal = call.output(1, {rows, width});
  all.inverse = call.output(2, {rows, 1});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  IN_PARTS(parts, attributes.instructions, layerNorm, all);
}

void computeAddNorm16(const Attributes &attributes, Call &call) {
  AddNorm all = {};
  all.x = call.input<uint16_t>(0, 2);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.epsilon = attributes.number;
  all.residual = call.input(1, 2, rows, width);
  all.weight = call.input(2, 1, width);
  all.bias = call.input(3, 1, width);
  all.value = call.output(0, {rows, width});
  all.half = call.output<uint16_t>(1, {rows, width});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  IN_PARTS(parts, attributes.instructions, addNorm, all);
}

void computeLayerNormGrad(const Attributes &attributes, Call &call) {
  LayerNormBackward all = {};
  all.dy = call.input(0, 2, -1);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.normal = call.input(1, 2, rows, width);
  all.inverse = call.input(2, 2, rows, 1);
  all.weight = call.input(3, 1, width);
  all.dx = call.output(0, {rows, width});
  float *dWeight = call.output(1, {width}), *dBias = call.output(2, {width});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  std::vector<float> sums(2 * parts.count * width);
  inParallel(parts.count, [&](long part) {
    float *own = sums.data() + 2 * part * width;
    BEST(attributes.instructions, layerNormBackward, all, parts.begin(part), parts.begin(part + 1), own, own + width);
  });
  addParts(parts.count, sums.data(), 2 * width, dWeight, width);
  addParts(parts.count, sums.data() + width, 2 * width, dBias, width);
}

// A range of one of the gradients. They do not depend on the threads, nor does the sum of their squares.
struct Range { const float *from; float *to; long count; double squares; };

void computeClip(const Attributes &attributes, Call &call) {
  std::vector<Range> ranges;
  std::vector<const float *> all(call.inputs());
  std::vector<std::vector<int64_t>> shapes(all.size());
  constexpr long size = 65536;
  for (size_t i = 0; i < all.size(); i++) {
    all[i] = call.input(static_cast<int>(i));
    shapes[i] = call.shape();
    for (long at = 0, end = sizeOf(shapes[i]); at < end; at += size)
      ranges.push_back({all[i] + at, nullptr, end - at < size ? end - at : size, 0});
  }
  float *norm = call.output(0, {});
  if (!call.isRight()) return;
  inParallel(ranges.size(), [&](long i) { ranges[i].squares = BEST(attributes.instructions, squaresOf, ranges[i].from, ranges[i].count); });
  double sum = 0;
  for (const Range &range : ranges) sum += range.squares;
  *norm = static_cast<float>(std::sqrt(sum));
  const float limit = attributes.number, least = limit / (*norm + 1e-6f); // finite where the norm is 0, as PyTorch has it
  const float scale = limit == 0 || least >= 1 ? 1 : least;
  size_t next = 0;
  for (size_t i = 0; i < all.size(); i++) {
    float *to = call.inPlaceOf(static_cast<int>(i), static_cast<int>(i) + 1, shapes[i]);
    for (long at = 0, end = sizeOf(shapes[i]); at < end; at += size) ranges[next++].to = to + at;
  }
  if (!call.isRight()) return;
  inParallel(ranges.size(), [&](long i) { BEST(attributes.instructions, scaled, ranges[i].from, ranges[i].to, ranges[i].count, scale); });
}
