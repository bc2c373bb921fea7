/** What a graph cannot hold, or what would make tensors outside of the step's life. */
export const impossible =
  /^(VarHandleOp|DestroyResourceOp|Print|PyFunc|.*Summary.*|.*Dataset.*|.*Iterator.*)$/;

/** Functions of the addon that compute past `executeOp`. */
export const unseen = ['loadSavedModel', 'deleteSavedModel', 'runSavedModel'];
