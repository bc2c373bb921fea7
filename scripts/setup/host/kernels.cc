// Ops that TensorFlow lacks, for CPUs: one op where a composition of its own takes a thousand. They are registered by its C API
// (kernels.h, ops.h), without its headers.
//
// HostAddNorm16(x, residual, weight, bias; epsilon) -> value, half
//   The norm of x + residual, as HostLayerNorm has it. x: bfloat16 [rows, width]; residual [rows, width]; half: value in bfloat16.
// HostAttention(query, key, value, bias, kept; rate, heads, keep) -> output, weights
//   Scaled dot-product attention. query, key, value, output [batch * seq, heads * size]; bias: as HostSoftmax has it, [.., .., .., seq];
//   kept: bool [batch, heads, seq, seq], what dropout keeps of the weights, or of no elements; weights: before dropout, of no
//   elements where they are not to be kept.
// HostAttentionGrad(dOutput, query, key, value, weights, kept; rate, heads) -> dQuery, dKey, dValue
// HostBias(x, bias) -> sum
//   x: bfloat16 [rows, width], what a product in bfloat16 gives; bias [width]; sum: float32.
// HostBiasGelu16(x, bias) -> value, derivative
//   HostGelu of x + bias. x, value: bfloat16 [rows, width]; bias [width].
// HostClip(gradients; most) -> norm, clipped
//   All gradients as long as they are together, but no longer than `most` where it is not 0; norm: what they were before.
// HostGelu(x) -> value, derivative
//   The exact one, element by element.
// HostDropoutMask(shape, seed; rate, number) -> kept
//   elements.h says which. shape: int32 [rank]; seed: int32, which is a seed together with the number; kept: bool.
// HostDropped(x, kept; rate) -> y
//   What is kept of x over 1 - rate, and zeros.
// HostSlope(dy, derivative) -> dx, sum, HostSlope16 the same with dy and dx in bfloat16
//   dy * derivative [rows, width], and the sum of its rows before it is rounded.
// HostSoftmax(scores, bias; scale) -> weights, HostSoftmax16 the same in bfloat16
// HostSoftmaxGrad(dWeights, weights) -> dScores
//   Over the last dimension of scores * scale + bias [batch, heads, queries, keys]; the bias may have 1 for each of the first three.
// HostLayerNorm(x, weight, bias; epsilon) -> value, normal, inverse
// HostLayerNormGrad(dy, normal, inverse, weight) -> dx, dWeight, dBias
//   x, value, normal, dy, dx [rows, width]; inverse [rows, 1], one over the standard deviation; a bias of no elements is none.
// HostLstm(gates, recurrent, lengths; reverse) -> output, previous, cell, activated
// HostLstmGrad(dy, cell, activated, recurrent, lengths; reverse) -> gates
//   lstm.h says what these are. lengths: int32 [batch]; all else is float32. The attribute `instructions` bounds what is used of the
//   processor's: 0 what every one has, 1 AVX2, 2 (the default) AVX-512.
#include "kernels.h"
#include "compute.h"
#include <exception>
#include <mutex>
#include <string>

namespace {
// The attribute that an op has beside `instructions`; DRAWN: a rate and the number of a mask; HEADS: a rate and heads; ATTENTION:
// whether weights are kept, too.
enum Own { NONE, REVERSE, EPSILON, RATE, DRAWN, HEADS, ATTENTION, MOST, SCALE };

template <Own own> void *create(Construction *construction) {
  Status *status = api.TF_NewStatus();
  Attributes *attributes = new Attributes{};
  api.TF_OpKernelConstruction_GetAttrInt64(construction, "instructions", &attributes->instructions, status);
  if (api.TF_GetCode(status) == 0) {
    if (own == REVERSE) api.TF_OpKernelConstruction_GetAttrBool(construction, "reverse", &attributes->reverse, status);
    if (own == EPSILON) api.TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->number, status);
    if (own == MOST) api.TF_OpKernelConstruction_GetAttrFloat(construction, "most", &attributes->number, status);
    if (own == SCALE) api.TF_OpKernelConstruction_GetAttrFloat(construction, "scale", &attributes->number, status);
    if (own == RATE || own == DRAWN || own == HEADS || own == ATTENTION)
      api.TF_OpKernelConstruction_GetAttrFloat(construction, "rate", &attributes->number, status);
    if (own == DRAWN && api.TF_GetCode(status) == 0)
      api.TF_OpKernelConstruction_GetAttrInt64(construction, "number", &attributes->drawn, status);
    if ((own == HEADS || own == ATTENTION) && api.TF_GetCode(status) == 0)
      api.TF_OpKernelConstruction_GetAttrInt64(construction, "heads", &attributes->heads, status);
    if (own == ATTENTION && api.TF_GetCode(status) == 0)
      api.TF_OpKernelConstruction_GetAttrBool(construction, "keep", &attributes->keep, status);
  }
  if (api.TF_GetCode(status) != 0) api.TF_OpKernelConstruction_Failure(construction, status);
  api.TF_DeleteStatus(status);
  return attributes;
}
// What is thrown must not reach TensorFlow: it would end the process.
template <void (*compute)(const Attributes &, Call &)> void run(void *attributes, Context *context) {
  Call call(context);
  try {
    compute(*static_cast<const Attributes *>(attributes), call);
  } catch (const std::exception &) {
    call.expect(false, "there is no memory to work in", RESOURCE_EXHAUSTED);
  }
}
void destroy(void *attributes) { delete static_cast<Attributes *>(attributes); }

void anyShape(Shapes *shapes, Status *status) { api.TF_ShapeInferenceContextSetUnknownShape(shapes, status); }

struct Op {
  const char *name;
  void (*compute)(void *, Context *);
  void *(*create)(Construction *);
  const char *attributes[4], *inputs[7], *outputs[5];
};
const Op ops[] = {
    {"HostAddNorm16", run<computeAddNorm16>, create<EPSILON>, {"epsilon: float"},
     {"x: bfloat16", "residual: float", "weight: float", "bias: float"}, {"value: float", "half: bfloat16"}},
    {"HostAttention", run<computeAttention>, create<ATTENTION>, {"rate: float", "heads: int", "keep: bool"},
     {"query: float", "key: float", "value: float", "bias: float", "kept: bool"}, {"output: float", "weights: float"}},
    {"HostAttentionGrad", run<computeAttentionGrad>, create<HEADS>, {"rate: float", "heads: int"},
     {"d_output: float", "query: float", "key: float", "value: float", "weights: float", "kept: bool"},
     {"d_query: float", "d_key: float", "d_value: float"}},
    {"HostBias", run<computeBias>, create<NONE>, {}, {"x: bfloat16", "bias: float"}, {"sum: float"}},
    {"HostBiasGelu16", run<computeBiasGelu16>, create<NONE>, {}, {"x: bfloat16", "bias: float"}, {"value: bfloat16", "derivative: float"}},
    {"HostClip", run<computeClip>, create<MOST>, {"most: float", "N: int >= 1"}, {"gradients: N * float"},
     {"norm: float", "clipped: N * float"}},
    {"HostGelu", run<computeGelu>, create<NONE>, {}, {"x: float"}, {"value: float", "derivative: float"}},
    {"HostDropoutMask", run<computeDropoutMask>, create<DRAWN>, {"rate: float", "number: int"}, {"shape: int32", "seed: int32"}, {"kept: bool"}},
    {"HostDropped", run<computeDropped>, create<RATE>, {"rate: float"}, {"x: float", "kept: bool"}, {"y: float"}},
    {"HostSlope", run<computeSlope>, create<NONE>, {}, {"dy: float", "derivative: float"}, {"dx: float", "sum: float"}},
    {"HostSlope16", run<computeSlope16>, create<NONE>, {}, {"dy: bfloat16", "derivative: float"}, {"dx: bfloat16", "sum: float"}},
    {"HostSoftmax", run<computeSoftmax>, create<SCALE>, {"scale: float"}, {"scores: float", "bias: float"}, {"weights: float"}},
    {"HostSoftmax16", run<computeSoftmax16>, create<SCALE>, {"scale: float"}, {"scores: bfloat16", "bias: float"}, {"weights: bfloat16"}},
    {"HostSoftmaxGrad", run<computeSoftmaxGrad>, create<NONE>, {}, {"d_weights: float", "weights: float"}, {"d_scores: float"}},
    {"HostLayerNorm", run<computeLayerNorm>, create<EPSILON>, {"epsilon: float"}, {"x: float", "weight: float", "bias: float"},
     {"value: float", "normal: float", "inverse: float"}},
    {"HostLayerNormGrad", run<computeLayerNormGrad>, create<NONE>, {},
     {"dy: float", "normal: float", "inverse: float", "weight: float"}, {"dx: float", "d_weight: float", "d_bias: float"}},
    {"HostLstm", run<computeLstm>, create<REVERSE>, {"reverse: bool"}, {"gates: float", "recurrent: float", "lengths: int32"},
     {"output: float", "previous: float", "cell: float", "activated: float"}},
    {"HostLstmGrad", run<computeLstmGrad>, create<REVERSE>, {"reverse: bool"},
     {"dy: float", "cell: float", "activated: float", "recurrent: float", "lengths: int32"}, {"gates: float"}},
};

std::string add(const Op &op) {
  Status *status = api.TF_NewStatus();
  OpBuilder *builder = api.TF_NewOpDefinitionBuilder(op.name);
  for (const char *const *input = op.inputs; *input; input++) api.TF_OpDefinitionBuilderAddInput(builder, *input);
  for (const char *const *output = op.outputs; *output; output++) api.TF_OpDefinitionBuilderAddOutput(builder, *output);
  for (const char *const *own = op.attributes; *own; own++) api.TF_OpDefinitionBuilderAddAttr(builder, *own);
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
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  static bool isBegun = false; // once in a process: worker threads ask again, and an op that is there already would end it
  static std::string error;
  if (isBegun) return error;
  if (!library || !find(library)) return "this TensorFlow lacks functions of its C API";
  isBegun = true;
  for (const Op &op : ops)
    if (error.empty()) error = add(op);
  return error;
}
