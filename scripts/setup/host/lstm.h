// The recurrence of an LSTM, one direction, gates in PyTorch's order (input, forget, cell, output), and the way back through it.
// Rows are [batch * seq, ...]. A row's real positions are its first `lengths[row]` ones; `reverse` takes them backwards. What
// lies behind them is not computed and is 0 in all that comes out.
#pragma once
#include "room.h"

struct Lstm {
  long batch, seq, units;
  const int *lengths; // [batch], from 0 to seq
  bool reverse;
  const float *recurrent; // [4 * units, units]
};

struct LstmForward {
  const float *gates; // [batch * seq, 4 * units]: the input's product with its weights, and the bias
  float *output;      // [batch * seq, units]
  float *previous;    // the output of the step before, 0 at the first
  float *cell;        // [batch * seq, units]
  float *activated;   // [batch * seq, 4 * units]: the gates after their activation
};

struct LstmBackward {
  const float *dy, *cell, *activated;
  float *gates; // [batch * seq, 4 * units]: gradient of the gates before their activation
};

// Memory to work in: zeros.
struct LstmRoom {
  float *packed;     // [4 * units * (units + WIDEST - 1)]
  float *cells;      // [batch, units], on the way back
  const float *none; // [4 * units], which stay zeros
  long *rows;        // [batch]
};

// lstm.cc is compiled once for each set of instructions.
#define LSTM_FOR(instructions)                                                      \
  namespace instructions {                                                          \
  void lstmForward(const Lstm &lstm, const LstmForward &all, const LstmRoom &room);    \
  void lstmBackward(const Lstm &lstm, const LstmBackward &all, const LstmRoom &room);  \
  }
LSTM_FOR(plain)
#if defined(__x86_64__)
LSTM_FOR(avx2)
LSTM_FOR(avx512)
#endif
