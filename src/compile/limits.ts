/** Inputs that TensorFlow needs to know to work out shapes: they must be constants. -1: the last. */
export const fixedInputs: Record<string, number[]> = {
  Reshape: [1],
  Transpose: [1],
  Fill: [0],
  Slice: [1, 2],
  StridedSlice: [1, 2, 3],
  ExpandDims: [1],
  Sum: [1],
  Mean: [1],
  Max: [1],
  Min: [1],
  Prod: [1],
  All: [1],
  Any: [1],
  ArgMax: [1],
  Cumsum: [1],
  ConcatV2: [-1],
  Split: [0],
  SplitV: [1, 2],
  GatherV2: [2],
  Tile: [1],
  BroadcastTo: [1],
  OneHot: [1],
  Pad: [1],
  PadV2: [1],
  MirrorPad: [1],
  StatelessRandomUniform: [0],
  UnsortedSegmentSum: [2],
};

/** What a graph cannot hold, or what would make tensors outside of the step's life. */
export const impossible =
  /^(VarHandleOp|DestroyResourceOp|Print|PyFunc|.*Summary.*|.*Dataset.*|.*Iterator.*)$/;

/** Functions of the addon that compute past `executeOp`. */
export const unseen = ['loadSavedModel', 'deleteSavedModel', 'runSavedModel'];
