// TensorFlow writes to stderr while it is loaded, whatever its log level. This addon of two functions turns
// stderr off and on again around that; Node has no dup2 of its own. It needs no headers of Node.
#include <cstddef>
#include <fcntl.h>
#include <unistd.h>
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
extern "C" __attribute__((visibility("default"))) Value *napi_register_module_v1(Env *env, Value *exports) {
  Value *function;
  if (!napi_create_function(env, "mute", 4, mute, nullptr, &function)) napi_set_named_property(env, exports, "mute", function);
  if (!napi_create_function(env, "unmute", 6, unmute, nullptr, &function)) napi_set_named_property(env, exports, "unmute", function);
  return exports;
}
