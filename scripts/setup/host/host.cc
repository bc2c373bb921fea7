// What this process needs of its host and of TensorFlow, and neither Node nor tfjs-node has a function for. It is
// compiled without headers of Node or TensorFlow: the few declarations it needs are below.
//
// mute, unmute: TensorFlow writes to stderr while it is loaded, whatever its log level: stderr is off in between.
// keepMemory: glibc hands large buffers back to the kernel as soon as they are free, and every step of a
//   training asks for the same ones again: without this a tenth of its time goes into page faults.
// keepSignalsAway: oneDNN's float32 products, as TensorFlow carries them, let the stack pointer point into the heap
//   for a while (oneDNN's issue 4845): a signal handler that runs then overwrites memory, and the process ends later
//   with a corrupted heap. So signals go to threads that compute nothing: this one and those that TensorFlow makes
//   after it take none but such as name a thread, and these are handled on a stack of their own.
// addFunction(name, graph, inputs, outputs): makes a GraphDef an op of the eager context that tfjs-node computes
//   in, to be executed by its name. `inputs` and `outputs` are names of nodes, joined by commas.
// removeFunction(name): ends it.
// addKernels(): makes the ops of kernels.cc known, once TensorFlow is loaded.
//
// The context belongs to tfjs-node's addon. This one is loaded before it, with RTLD_GLOBAL, so that the
// addon's call of TFE_NewContext comes through here.
#include <cstddef>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

struct Env; struct Value; struct Info;
extern "C" {
int napi_create_function(Env *, const char *, size_t, Value *(*)(Env *, Info *), void *, Value **);
int napi_set_named_property(Env *, Value *, const char *, Value *);
int napi_get_cb_info(Env *, Info *, size_t *, Value **, Value **, void **);
int napi_get_value_string_utf8(Env *, Value *, char *, size_t, size_t *);
int napi_get_buffer_info(Env *, Value *, void **, size_t *);
int napi_throw_error(Env *, const char *, const char *);
}

static int saved = -1;
static Value *mute(Env *, Info *) {
  int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (saved < 0 && silence >= 0 && (saved = fcntl(2, F_DUPFD_CLOEXEC, 3)) >= 0) dup2(silence, 2);
  if (silence >= 0) close(silence);
  return nullptr;
}
static Value *unmute(Env *, Info *) {
  if (saved >= 0) { dup2(saved, 2); close(saved); saved = -1; }
  return nullptr;
}
static Value *keepMemory(Env *, Info *) {
#if defined(__GLIBC__)
  if (!getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, 32 << 20); // the most that glibc takes
  if (!getenv("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, 2047 << 20);
  if (!getenv("MALLOC_TOP_PAD_")) mallopt(M_TOP_PAD, 256 << 20);
#endif
  return nullptr;
}

static Value *keepSignalsAway(Env *, Info *) {
  sigset_t signals;
  sigfillset(&signals);
  for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF}) sigdelset(&signals, own);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  stack_t present, alternate = {};
  if (sigaltstack(nullptr, &present) || !(present.ss_flags & SS_DISABLE)) return nullptr; // it has one
  alternate.ss_size = 256 << 10;
  alternate.ss_sp = malloc(alternate.ss_size); // as long as the thread: for SIGPROF, by which V8 takes profiles
  if (alternate.ss_sp) sigaltstack(&alternate, nullptr);
  return nullptr;
}

// TensorFlow's C API (c_api.h, eager/c_api.h), looked up in the library that tfjs-node's addon has loaded.
struct Context; struct ContextOptions; struct Status; struct Graph; struct Buffer; struct Operation; struct Function;
struct ImportOptions;
struct Output { Operation *operation; int index; };
static Context *context = nullptr;
static void *library = nullptr;
template <typename F> static F symbol(F, const char *name) { return reinterpret_cast<F>(dlsym(library, name)); }
#define CALL(type, name, parameters) symbol(static_cast<type (*) parameters>(nullptr), name)

extern "C" __attribute__((visibility("default"))) Context *TFE_NewContext(const ContextOptions *options, Status *status) {
  if (!library) library = dlopen("libtensorflow_cc.so.2", RTLD_LAZY | RTLD_NOLOAD);
  if (!library) library = dlopen("libtensorflow.so.2", RTLD_LAZY | RTLD_NOLOAD);
  if (!library) abort(); // it has just called us
  return context = CALL(Context *, "TFE_NewContext", (const ContextOptions *, Status *))(options, status);
}

static std::string text(Env *env, Value *value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string result(length + 1, '\0');
  napi_get_value_string_utf8(env, value, &result[0], length + 1, &length);
  result.resize(length);
  return result;
}

static bool outputsOf(Graph *graph, const std::string &names, std::vector<Output> &found) {
  for (size_t start = 0; start < names.size();) {
    size_t end = names.find(',', start);
    if (end == std::string::npos) end = names.size();
    Operation *operation = CALL(Operation *, "TF_GraphOperationByName", (Graph *, const char *))(graph, names.substr(start, end - start).c_str());
    if (!operation) return false;
    found.push_back({operation, 0});
    start = end + 1;
  }
  return true;
}

static std::string define(const std::string &name, const void *data, size_t size, const std::string &inputNames, const std::string &outputNames) {
  Status *status = CALL(Status *, "TF_NewStatus", ())();
  auto failed = [&] { return CALL(int, "TF_GetCode", (const Status *))(status) != 0; };
  Graph *graph = CALL(Graph *, "TF_NewGraph", ())();
  Buffer *buffer = CALL(Buffer *, "TF_NewBufferFromString", (const void *, size_t))(data, size);
  ImportOptions *options = CALL(ImportOptions *, "TF_NewImportGraphDefOptions", ())();
  CALL(void, "TF_GraphImportGraphDef", (Graph *, const Buffer *, const ImportOptions *, Status *))(graph, buffer, options, status);
  std::vector<Output> inputs, outputs;
  std::string error;
  if (!failed() && !(outputsOf(graph, inputNames, inputs) && outputsOf(graph, outputNames, outputs)))
    error = "an input or output is no node of the graph";
  if (!failed() && error.empty()) {
    Function *function = CALL(Function *, "TF_GraphToFunction", (const Graph *, const char *, unsigned char, int, const Operation *const *, int, const Output *, int, const Output *, const char *const *, const void *, const char *, Status *))(
        graph, name.c_str(), 0, -1, nullptr, static_cast<int>(inputs.size()), inputs.data(),
        static_cast<int>(outputs.size()), outputs.data(), nullptr, nullptr, nullptr, status);
    if (!failed()) CALL(void, "TFE_ContextAddFunction", (Context *, Function *, Status *))(context, function, status);
    if (function) CALL(void, "TF_DeleteFunction", (Function *))(function);
  }
  if (failed()) error = CALL(const char *, "TF_Message", (const Status *))(status);
  CALL(void, "TF_DeleteImportGraphDefOptions", (ImportOptions *))(options);
  CALL(void, "TF_DeleteBuffer", (Buffer *))(buffer);
  CALL(void, "TF_DeleteGraph", (Graph *))(graph);
  CALL(void, "TF_DeleteStatus", (Status *))(status);
  return error;
}

static Value *addFunction(Env *env, Info *info) {
  size_t count = 4, size = 0;
  Value *arguments[4];
  void *data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (!context || count != 4 || napi_get_buffer_info(env, arguments[1], &data, &size)) {
    napi_throw_error(env, nullptr, context ? "addFunction takes a name, a buffer, inputs and outputs" : "TensorFlow was loaded before this addon");
    return nullptr;
  }
  std::string error = define(text(env, arguments[0]), data, size, text(env, arguments[2]), text(env, arguments[3]));
  if (!error.empty()) napi_throw_error(env, nullptr, error.c_str());
  return nullptr;
}

static Value *removeFunction(Env *env, Info *info) {
  size_t count = 1;
  Value *name = nullptr;
  napi_get_cb_info(env, info, &count, &name, nullptr, nullptr);
  if (!context || count != 1) return nullptr;
  Status *status = CALL(Status *, "TF_NewStatus", ())();
  CALL(void, "TFE_ContextRemoveFunction", (Context *, const char *, Status *))(context, text(env, name).c_str(), status);
  CALL(void, "TF_DeleteStatus", (Status *))(status);
  return nullptr;
}

__attribute__((weak)) std::string registerKernels(void *library); // of kernels.cc, where it is compiled with this
static Value *addKernels(Env *env, Info *) {
  const std::string error = registerKernels ? registerKernels(library) : "this addon was compiled without kernels";
  if (!error.empty()) napi_throw_error(env, nullptr, error.c_str());
  return nullptr;
}

static void add(Env *env, Value *exports, const char *name, Value *(*body)(Env *, Info *)) {
  Value *function;
  if (!napi_create_function(env, name, std::string(name).size(), body, nullptr, &function)) napi_set_named_property(env, exports, name, function);
}
extern "C" __attribute__((visibility("default"))) Value *napi_register_module_v1(Env *env, Value *exports) {
  add(env, exports, "mute", mute);
  add(env, exports, "unmute", unmute);
  add(env, exports, "keepMemory", keepMemory);
  add(env, exports, "keepSignalsAway", keepSignalsAway);
  add(env, exports, "addFunction", addFunction);
  add(env, exports, "removeFunction", removeFunction);
  add(env, exports, "addKernels", addKernels);
  return exports;
}
