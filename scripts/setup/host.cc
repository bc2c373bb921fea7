// What this process needs of its host and Node has no function for. It needs no headers of Node.
// mute, unmute: TensorFlow writes to stderr while it is loaded, whatever its log level: stderr is off in between.
// keepMemory: glibc hands large buffers back to the kernel as soon as they are free, and every step of a
// training asks for the same ones again: without this a tenth of its time goes into page faults.
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
struct Env; struct Value; struct Info;
extern "C" int napi_create_function(Env *, const char *, size_t, Value *(*)(Env *, Info *), void *, Value **);
extern "C" int napi_set_named_property(Env *, Value *, const char *, Value *);
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
static void add(Env *env, Value *exports, const char *name, size_t length, Value *(*body)(Env *, Info *)) {
  Value *function;
  if (!napi_create_function(env, name, length, body, nullptr, &function)) napi_set_named_property(env, exports, name, function);
}
extern "C" __attribute__((visibility("default"))) Value *napi_register_module_v1(Env *env, Value *exports) {
  add(env, exports, "mute", 4, mute);
  add(env, exports, "unmute", 6, unmute);
  add(env, exports, "keepMemory", 10, keepMemory);
  return exports;
}
