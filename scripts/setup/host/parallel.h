// Parts of a kernel's work on several threads: as many as TensorFlow's own ops take (TF_NUM_INTRAOP_THREADS, or all there are),
// but for MOST_THREADS.
#pragma once
#include <functional>

constexpr long MOST_THREADS = 32; // more would only wait for memory, or for each other

// Calls work(0) to work(parts - 1), which throw nothing, and returns when all are done. Where other work is on the threads it
// goes one by one.
void inParallel(long parts, const std::function<void(long)> &work);
