// Parts of a kernel's work on several threads: as many as TensorFlow's own ops take (TF_NUM_INTRAOP_THREADS, or all there are).
#pragma once
#include <functional>

// Calls work(0) to work(parts - 1), and returns when all are done; it throws nothing. Where other work is on the threads it goes one by one.
void inParallel(long parts, const std::function<void(long)> &work);
