// TensorFlow's C API, as far as kernels need it (its c/kernels.h and c/ops.h), without its headers.
#pragma once
#include <cstdint>
#include <vector>
#include <dlfcn.h>

struct Status; struct Tensor; struct Context; struct Construction; struct OpBuilder; struct KernelBuilder; struct Shapes;
enum { FLOAT = 1, BOOL = 10, BFLOAT16 = 14, INVALID_ARGUMENT = 3, RESOURCE_EXHAUSTED = 8 };

// The functions of TensorFlow's C API that are used here.
#define FUNCTIONS(F)                                                                                             \
  F(Status *, TF_NewStatus, ())                                                                                  \
  F(void, TF_DeleteStatus, (Status *))                                                                           \
  F(void, TF_SetStatus, (Status *, int, const char *))                                                           \
  F(int, TF_GetCode, (const Status *))                                                                           \
  F(const char *, TF_Message, (const Status *))                                                                  \
  F(OpBuilder *, TF_NewOpDefinitionBuilder, (const char *))                                                      \
  F(void, TF_OpDefinitionBuilderAddInput, (OpBuilder *, const char *))                                           \
  F(void, TF_OpDefinitionBuilderAddOutput, (OpBuilder *, const char *))                                          \
  F(void, TF_OpDefinitionBuilderAddAttr, (OpBuilder *, const char *))                                            \
  F(void, TF_OpDefinitionBuilderSetShapeInferenceFunction, (OpBuilder *, void (*)(Shapes *, Status *)))          \
  F(void, TF_ShapeInferenceContextSetUnknownShape, (Shapes *, Status *))                                         \
  F(void, TF_RegisterOpDefinition, (OpBuilder *, Status *))                                                      \
  F(KernelBuilder *, TF_NewKernelBuilder, (const char *, const char *, void *(*)(Construction *), void (*)(void *, Context *), void (*)(void *))) \
  F(void, TF_RegisterKernelBuilder, (const char *, KernelBuilder *, Status *))                                   \
  F(void, TF_OpKernelConstruction_GetAttrBool, (Construction *, const char *, unsigned char *, Status *))        \
  F(void, TF_OpKernelConstruction_GetAttrFloat, (Construction *, const char *, float *, Status *))               \
  F(void, TF_OpKernelConstruction_GetAttrInt64, (Construction *, const char *, int64_t *, Status *))             \
  F(void, TF_OpKernelConstruction_Failure, (Construction *, Status *))                                           \
  F(void, TF_OpKernelContext_Failure, (Context *, Status *))                                                     \
  F(void, TF_GetInput, (Context *, int, Tensor **, Status *))                                                    \
  F(Tensor *, TF_AllocateOutput, (Context *, int, int, const int64_t *, int, size_t, Status *))                  \
  F(Tensor *, TF_ForwardInputOrAllocateOutput, (Context *, const int *, int, int, const int64_t *, int, int *, Status *)) \
  F(int, TF_NumInputs, (Context *))                                                                              \
  F(void, TF_DeleteTensor, (Tensor *))                                                                           \
  F(int, TF_NumDims, (const Tensor *))                                                                           \
  F(int64_t, TF_Dim, (const Tensor *, int))                                                                      \
  F(void *, TF_TensorData, (const Tensor *))
#define DECLARE(type, name, parameters) type (*name) parameters;
struct Api { FUNCTIONS(DECLARE) };
inline Api api;

// Looks them up. False where one is lacking.
inline bool find(void *library) {
#define FIND(type, name, parameters) \
  if (!(api.name = reinterpret_cast<type (*) parameters>(dlsym(library, #name)))) return false;
  FUNCTIONS(FIND)
  return true;
}

inline int64_t sizeOf(const std::vector<int64_t> &shape) {
  int64_t size = 1;
  for (int64_t one : shape) size *= one;
  return size;
}

// Inputs and outputs of a call. What is wrong is kept, and told to TensorFlow at the end.
class Call {
 public:
  explicit Call(Context *context) : context(context), status(api.TF_NewStatus()) {}
  ~Call() {
    if (!isRight()) api.TF_OpKernelContext_Failure(context, status);
    for (Tensor *tensor : tensors) api.TF_DeleteTensor(tensor);
    api.TF_DeleteStatus(status);
  }
  bool isRight() const { return api.TF_GetCode(status) == 0; }
  void expect(bool isSo, const char *what, int code = INVALID_ARGUMENT) {
    if (isRight() && !isSo) api.TF_SetStatus(status, code, what);
  }
  // An input of this shape; where -1 stands, any rank or size does.
  template <typename T = float> const T *input(int index, int rank = -1, int64_t rows = -1, int64_t columns = -1) {
    Tensor *tensor = nullptr;
    if (isRight()) api.TF_GetInput(context, index, &tensor, status);
    if (!isRight()) return nullptr;
    tensors.push_back(tensor);
    expect((rank < 0 || api.TF_NumDims(tensor) == rank) && (rows < 0 || api.TF_Dim(tensor, 0) == rows) &&
               (rank < 2 || columns < 0 || api.TF_Dim(tensor, 1) == columns), "an input has another shape");
    return static_cast<const T *>(api.TF_TensorData(tensor));
  }
  int inputs() const { return api.TF_NumInputs(context); }
  // A size of the input that was asked for last.
  int64_t size(int dimension) const { return isRight() ? api.TF_Dim(tensors.back(), dimension) : 0; }
  // All of its sizes.
  std::vector<int64_t> shape() const {
    std::vector<int64_t> sizes(isRight() ? api.TF_NumDims(tensors.back()) : 0);
    for (size_t i = 0; i < sizes.size(); i++) sizes[i] = size(static_cast<int>(i));
    return sizes;
  }
  template <typename T = float> T *output(int index, const std::vector<int64_t> &shape) {
    int64_t bytes = sizeof(T);
    expect(shape.size() <= 254, "an output has more dimensions than TensorFlow has"); // which ends the process over them
    for (int64_t size : shape)
      expect(!__builtin_mul_overflow(bytes, size, &bytes), "an output has more elements than memory has addresses");
    const int type = sizeof(T) == sizeof(float) ? FLOAT : sizeof(T) == 1 ? BOOL : BFLOAT16;
    if (!isRight()) return nullptr;
    Tensor *tensor = api.TF_AllocateOutput(context, index, type, shape.data(), static_cast<int>(shape.size()), bytes, status);
    if (!tensor) return nullptr;
    tensors.push_back(tensor);
    return static_cast<T *>(api.TF_TensorData(tensor));
  }
  // An output in place of an input that nobody else has, which holds what that had; else anew. No sizes are told after it.
  float *inPlaceOf(int input, int index, const std::vector<int64_t> &shape) {
    for (Tensor *tensor : tensors) api.TF_DeleteTensor(tensor); // TensorFlow has them all the same
    tensors.clear();
    if (!isRight()) return nullptr;
    int taken;
    Tensor *tensor = api.TF_ForwardInputOrAllocateOutput(context, &input, 1, index, shape.data(), static_cast<int>(shape.size()), &taken, status);
    if (!tensor) return nullptr;
    tensors.push_back(tensor);
    return static_cast<float *>(api.TF_TensorData(tensor));
  }

 private:
  Context *context;
  Status *status;
  std::vector<Tensor *> tensors;
};
