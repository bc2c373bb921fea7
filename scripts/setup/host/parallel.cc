// See parallel.h.
#include "parallel.h"
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>
#include <sched.h>

namespace {
// The processors that this process may use, as TensorFlow counts them: a part of the machine's in a container, or under Slurm.
long processors() {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) == 0) return CPU_COUNT(&usable);
  return std::thread::hardware_concurrency();
}

// One piece of work at a time: its parts are taken one after the other by whoever is free, the caller among them. A thread treats
// very small numbers as the one does that makes it, here one of TensorFlow's, or parts would have bits of their own.
struct Pool {
  std::atomic_flag isTaken = ATOMIC_FLAG_INIT;
  std::mutex mutex;
  std::condition_variable begun, ended;
  const std::function<void(long)> *work = nullptr;
  long next = 0, parts = 0, done = 0;

  Pool() {
    const char *set = getenv("TF_NUM_INTRAOP_THREADS");
    const long asked = set ? atol(set) : 0;
    const long threads = std::min(asked > 0 ? asked : processors(), MOST_THREADS);
    try {
      for (long i = 1; i < threads; i++) std::thread([this] { help(); }).detach();
    } catch (const std::system_error &) {
      // This process may have no more: those that there are do it all.
    }
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
  if (parts > 1 && !pool->isTaken.test_and_set(std::memory_order_acquire)) {
    pool->run(parts, work);
    pool->isTaken.clear(std::memory_order_release);
  } else {
    for (long part = 0; part < parts; part++) work(part);
  }
}
