// What the kernels' calls compute: inputs and outputs as kernels.cc lists them.
#pragma once
#include "call.h"

// The attributes of an op; those that it lacks are 0.
struct Attributes {
  unsigned char reverse, keep;
  int64_t instructions;
  float number; // epsilon, rate, most, scale
  int64_t drawn; // the number of a mask
  int64_t heads;
};

void computeAddNorm16(const Attributes &attributes, Call &call);
void computeAttention(const Attributes &attributes, Call &call);
void computeAttentionGrad(const Attributes &attributes, Call &call);
void computeBias(const Attributes &attributes, Call &call);
void computeBiasGelu16(const Attributes &attributes, Call &call);
void computeClip(const Attributes &attributes, Call &call);
void computeDropoutMask(const Attributes &attributes, Call &call);
void computeDropped(const Attributes &attributes, Call &call);
void computeGelu(const Attributes &attributes, Call &call);
void computeSlope(const Attributes &attributes, Call &call);
void computeSlope16(const Attributes &attributes, Call &call);
void computeSoftmax(const Attributes &attributes, Call &call);
void computeSoftmax16(const Attributes &attributes, Call &call);
void computeSoftmaxGrad(const Attributes &attributes, Call &call);
void computeLayerNorm(const Attributes &attributes, Call &call);
void computeLayerNormGrad(const Attributes &attributes, Call &call);
void computeLstm(const Attributes &attributes, Call &call);
void computeLstmGrad(const Attributes &attributes, Call &call);
