// Ops that TensorFlow lacks, for CPUs: one op where a composition of its own takes a thousand. They are registered by its C API
// (kernels.h, ops.h), without its headers.
//
// HostGelu(x) -> value, derivative
//   The exact one, element by element.
// HostDropoutMask(shape, seed; rate) -> mask
//   elements.h says which. shape: int32 [rank]; seed: int32 [2].
// HostLayerNorm(x, weight, bias; epsilon) -> value, normal, inverse
// HostLayerNormGrad(dy, normal, inverse, weight) -> dx, dWeight, dBias
//   x, value, normal, dy, dx [rows, width]; inverse [rows, 1], one over the standard deviation; a bias of no elements is none.
// HostLstm(gates, recurrent, lengths; reverse) -> output, previous, cell, activated
// HostLstmGrad(dy, cell, activated, recurrent, lengths; reverse) -> gates
//   lstm.h says what these are. lengths: int32 [batch]; all else is float32. The attribute `instructions` bounds what is used of the
//   processor's: 0 what every one has, 1 AVX2, 2 (the default) AVX-512.
#include "kernels.h"
#include "call.h"
#include "elements.h"
#include "layerNorm.h"
#include "lstm.h"
#include "parallel.h"

namespace {
// The attributes of an op; those that it lacks are 0.
struct Attributes { unsigned char reverse; int64_t instructions; float number; };

// Parts of some rows. As many whatever the threads, so that sums over the parts are the same to the bit.
struct Parts {
  long rows, count;
  Parts(long rows, long width) : rows(rows), count(rows * width / 65536) {
    if (count > 32) count = 32;
    if (count > rows) count = rows;
    if (count < 1) count = 1;
  }
  long begin(long part) const { return rows * part / count; }
};

// What inputs of the LSTM's kernels say together. Undefined where the call is not right.
Lstm lstmOf(Call &call, bool reverse, int recurrent, int lengths, int64_t rows) {
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

#if defined(__x86_64__)
#define BEST(most, function, ...)                                                                                  \
  (most > 1 && __builtin_cpu_supports("avx512f") ? avx512::function(__VA_ARGS__)                                   \
   : most > 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? avx2::function(__VA_ARGS__)     \
                                                                                 : plain::function(__VA_ARGS__))
#else
#define BEST(most, function, ...) plain::function(__VA_ARGS__)
#endif

void computeLstm(void *kernel, Context *context) {
  const auto [reverse, instructions, _] = *static_cast<Attributes *>(kernel);
  Call call(context);
  LstmForward all = {};
  all.gates = call.input(0, 2, -1);
  const int64_t rows = call.size(0), wide = call.size(1);
  const Lstm lstm = lstmOf(call, reverse, 1, 2, rows);
  call.expect(wide == 4 * lstm.units, "gates are [batch * seq, 4 * units]");
  all.output = call.output(0, {rows, lstm.units});
  all.previous = call.output(1, {rows, lstm.units});
  all.cell = call.output(2, {rows, lstm.units});
  all.activated = call.output(3, {rows, wide});
  if (call.isRight()) BEST(instructions, lstmForward, lstm, all);
}

void computeLstmGrad(void *kernel, Context *context) {
  const auto [reverse, instructions, _] = *static_cast<Attributes *>(kernel);
  Call call(context);
  LstmBackward all = {};
  all.dy = call.input(0, 2, -1);
  const int64_t rows = call.size(0), columns = call.size(1);
  const Lstm lstm = lstmOf(call, reverse, 3, 4, rows);
  call.expect(columns == lstm.units, "dy is [batch * seq, units]");
  all.cell = call.input(1, 2, rows, lstm.units);
  all.activated = call.input(2, 2, rows, 4 * lstm.units);
  all.gates = call.output(0, {rows, 4 * lstm.units});
  if (call.isRight()) BEST(instructions, lstmBackward, lstm, all);
}

int64_t sizeOf(const std::vector<int64_t> &shape) {
  int64_t size = 1;
  for (int64_t one : shape) size *= one;
  return size;
}

void computeGelu(void *kernel, Context *context) {
  const int64_t most = static_cast<Attributes *>(kernel)->instructions;
  Call call(context);
  Gelu all = {};
  all.x = call.input(0);
  const std::vector<int64_t> shape = call.shape();
  all.value = call.output(0, shape);
  all.derivative = call.output(1, shape);
  if (!call.isRight()) return;
  const Parts parts(sizeOf(shape), 1);
  inParallel(parts.count, [&](long part) { BEST(most, gelu, all, parts.begin(part), parts.begin(part + 1)); });
}

void computeDropoutMask(void *kernel, Context *context) {
  const auto [_, most, rate] = *static_cast<Attributes *>(kernel);
  Call call(context);
  DropoutMask all = {};
  const int *sizes = call.input<int>(0, 1);
  std::vector<int64_t> shape(call.size(0));
  for (size_t i = 0; i < shape.size(); i++) {
    call.expect(sizes[i] >= 0, "a size is less than 0");
    shape[i] = sizes[i];
  }
  const int *seed = call.input<int>(1, 1, 2);
  call.expect(rate >= 0 && rate < 1, "a rate is from 0 to less than 1");
  all.mask = call.output(0, shape);
  if (!call.isRight()) return;
  for (int i = 0; i < 2; i++) all.seed[i] = seed[i];
  all.rate = rate;
  const long size = sizeOf(shape);
  const Parts parts((size + 3) / 4, 4); // of four numbers each, that are drawn together
  inParallel(parts.count, [=, most = most](long part) {
    const long end = 4 * parts.begin(part + 1);
    BEST(most, dropoutMask, all, 4 * parts.begin(part), end < size ? end : size);
  });
}

void computeLayerNorm(void *kernel, Context *context) {
  const auto [_, most, epsilon] = *static_cast<Attributes *>(kernel);
  Call call(context);
  LayerNorm all = {};
  all.x = call.input(0, 2, -1);
  const int64_t rows = call.size(0), width = call.size(1);
  all.width = width;
  all.epsilon = epsilon;
  all.weight = call.input(1, 1, width);
  all.bias = call.input(2, 1, -1);
  call.expect(call.size(0) == width || call.size(0) == 0, "the bias has another width than the rows");
  if (call.size(0) == 0) all.bias = nullptr;
  all.value = call.output(0, {rows, width});
  all.normal = call.output(1, {rows, width});
  all.inverse = call.output(2, {rows, 1});
  if (!call.isRight()) return;
  const Parts parts(rows, width);
  inParallel(parts.count, [=, most = most](long part) { BEST(most, layerNorm, all, parts.begin(part), parts.begin(part + 1)); });
}

void computeLayerNormGrad(void *kernel, Context *context) {
  const int64_t most = static_cast<Attributes *>(kernel)->instructions;
  Call call(context);
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
    float *own = &sums[2 * part * width];
    BEST(most, layerNormBackward, all, parts.begin(part), parts.begin(part + 1), own, own + width);
  });
  for (long at = 0; at < width; at++) {
    dWeight[at] = dBias[at] = 0;
    for (long part = 0; part < parts.count; part++) {
      dWeight[at] += sums[2 * part * width + at];
      dBias[at] += sums[(2 * part + 1) * width + at];
    }
  }
}

// The attribute that an op has beside `instructions`.
enum Own { NONE, REVERSE, EPSILON, RATE };

template <Own own> void *create(Construction *construction) {
  Status *status = api.TF_NewStatus();
  Attributes *attributes = new Attributes{};
  api.TF_OpKernelConstruction_GetAttrInt64(construction, "instructions", &attributes->instructions, status);
  if (api.TF_GetCode(status) == 0) {
    if (own == REVERSE) api.TF_OpKernelConstruction_GetAttrBool(construction, "reverse", &attributes->reverse, status);
    if (own == EPSILON) api.TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->number, status);
    if (own == RATE) api.TF_OpKernelConstruction_GetAttrFloat(construction, "rate", &attributes->number, status);
  }
  if (api.TF_GetCode(status) != 0) api.TF_OpKernelConstruction_Failure(construction, status);
  api.TF_DeleteStatus(status);
  return attributes;
}
void destroy(void *attributes) { delete static_cast<Attributes *>(attributes); }

void anyShape(Shapes *shapes, Status *status) { api.TF_ShapeInferenceContextSetUnknownShape(shapes, status); }

struct Op {
  const char *name;
  void (*compute)(void *, Context *);
  void *(*create)(Construction *);
  const char *attribute, *inputs[6], *outputs[5];
};
const Op ops[] = {
    {"HostGelu", computeGelu, create<NONE>, nullptr, {"x: float"}, {"value: float", "derivative: float"}},
    {"HostDropoutMask", computeDropoutMask, create<RATE>, "rate: float", {"shape: int32", "seed: int32"}, {"mask: float"}},
    {"HostLayerNorm", computeLayerNorm, create<EPSILON>, "epsilon: float", {"x: float", "weight: float", "bias: float"},
     {"value: float", "normal: float", "inverse: float"}},
    {"HostLayerNormGrad", computeLayerNormGrad, create<NONE>, nullptr,
     {"dy: float", "normal: float", "inverse: float", "weight: float"}, {"dx: float", "d_weight: float", "d_bias: float"}},
    {"HostLstm", computeLstm, create<REVERSE>, "reverse: bool", {"gates: float", "recurrent: float", "lengths: int32"},
     {"output: float", "previous: float", "cell: float", "activated: float"}},
    {"HostLstmGrad", computeLstmGrad, create<REVERSE>, "reverse: bool",
     {"dy: float", "cell: float", "activated: float", "recurrent: float", "lengths: int32"}, {"gates: float"}},
};

std::string add(const Op &op) {
  Status *status = api.TF_NewStatus();
  OpBuilder *builder = api.TF_NewOpDefinitionBuilder(op.name);
  for (const char *const *input = op.inputs; *input; input++) api.TF_OpDefinitionBuilderAddInput(builder, *input);
  for (const char *const *output = op.outputs; *output; output++) api.TF_OpDefinitionBuilderAddOutput(builder, *output);
  if (op.attribute) api.TF_OpDefinitionBuilderAddAttr(builder, op.attribute);
  api.TF_OpDefinitionBuilderAddAttr(builder, "instructions: int = 2");
  api.TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, anyShape);
  api.TF_RegisterOpDefinition(builder, status);
  if (api.TF_GetCode(status) == 0)
    api.TF_RegisterKernelBuilder(op.name, api.TF_NewKernelBuilder(op.name, "CPU", op.create, op.compute, destroy), status);
  std::string error = api.TF_GetCode(status) == 0 ? "" : api.TF_Message(status);
  api.TF_DeleteStatus(status);
  return error;
}
} // namespace

std::string registerKernels(void *library) {
  static bool isDone = false; // once in a process: worker threads load this addon again
  if (isDone) return "";
  if (!library || !find(library)) return "this TensorFlow lacks functions of its C API";
  for (const Op &op : ops) {
    const std::string error = add(op);
    if (!error.empty()) return error;
  }
  isDone = true;
  return "";
}
