/** Calls for single keys, but not while somebody writes, nor with Ctrl, Alt or Meta. */
export function onKeys(actions: Record<string, () => void>): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target as Element;
    if (target.closest('input, select, textarea')) {
      if (event.key === 'Escape') (target as HTMLElement).blur();
      return;
    }
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
