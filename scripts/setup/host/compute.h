// What the kernels' calls compute: inputs and outputs as kernels.cc lists them.
#pragma once
#include "call.h"

// The attributes of an op; those that it lacks are 0.
struct Attributes {
  unsigned char reverse;
  int64_t instructions;
  float number; // epsilon, rate, most, scale
  int64_t drawn; // the number of a mask
};

void computeBias(void *attributes, Context *context);
void computeClip(void *attributes, Context *context);
void computeDropoutMask(void *attributes, Context *context);
void computeGelu(void *attributes, Context *context);
void computeSoftmax(void *attributes, Context *context);
void computeSoftmax16(void *attributes, Context *context);
void computeSoftmaxGrad(void *attributes, Context *context);
void computeLayerNorm(void *attributes, Context *context);
void computeLayerNormGrad(void *attributes, Context *context);
void computeLstm(void *attributes, Context *context);
void computeLstmGrad(void *attributes, Context *context);
