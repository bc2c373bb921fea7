// See parallel.h.
#include "parallel.h"
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {
// One piece of work at a time: its parts are taken one after the other by whoever is free, the caller among them.
struct Pool {
  std::mutex taken, mutex;
  std::condition_variable begun, ended;
  const std::function<void(long)> *work = nullptr;
  long next = 0, parts = 0, done = 0;

  Pool() {
    const char *set = getenv("TF_NUM_INTRAOP_THREADS");
    const long asked = set ? atol(set) : 0;
    const long threads = asked > 0 ? asked : static_cast<long>(std::thread::hardware_concurrency());
    for (long i = 1; i < threads; i++) std::thread([this] { help(); }).detach();
  }
  void help() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      begun.wait(lock, [this] { return next < parts; });
      takeParts(lock);
    }
  }
  void takeParts(std::unique_lock<std::mutex> &lock) {
    while (next < parts) {
      const long part = next++;
      const std::function<void(long)> *own = work; // it stays until this part is done
      lock.unlock();
      (*own)(part);
      lock.lock();
      if (++done == parts) ended.notify_one();
    }
  }
  void run(long count, const std::function<void(long)> &all) {
    std::unique_lock<std::mutex> lock(mutex);
    work = &all;
    next = done = 0;
    parts = count;
    begun.notify_all();
    takeParts(lock);
    ended.wait(lock, [this] { return done == parts; });
  }
};
} // namespace

void inParallel(long parts, const std::function<void(long)> &work) {
  static Pool *pool = new Pool; // as long as the process, whose end its threads do not wait for
  if (parts > 1 && pool->taken.try_lock()) {
    pool->run(parts, work);
    pool->taken.unlock();
  } else {
    for (long part = 0; part < parts; part++) work(part);
  }
}
