// How much memory tiles (tiles.h) take, whatever the instructions.
#pragma once

constexpr long WIDEST = 64; // floats in a row of a tile, at most
static inline long inTiles(long columns) { return (columns + WIDEST - 1) / WIDEST * WIDEST; }
