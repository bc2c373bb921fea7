#pragma once
#include <string>

// Makes the kernels of kernels.cc ops of TensorFlow, whose library this is. Returns what went wrong, or nothing.
std::string registerKernels(void *library);
