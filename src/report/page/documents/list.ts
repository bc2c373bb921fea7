import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import { h } from '../dom.js';

export interface VirtualList {
  element: HTMLElement;
  /** Shows other items, from the first on. */
  show(count: number, make: (index: number) => HTMLElement, estimate: (index: number) => number): void;
  /** Brings an item into the page; resolves once it is there. */
  reach(index: number): Promise<HTMLElement>;
}

/** Items that are printed at most: paper does not scroll. */
export const PRINTED = 200;

/** A list of which only what is in the window exists: the page scrolls, the list fills itself. */
export function virtualList(): VirtualList {
  const element = h('div', { class: 'list' });
  const items = new Map<number, HTMLElement>();
  let make: (index: number) => HTMLElement = () => h('div');
  let isPrinting = false;
  const virtualizer = new Virtualizer<Window, HTMLElement>({
    count: 0,
    estimateSize: () => 400,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    overscan: 2,
    onChange: render,
  });
  virtualizer._didMount();
  virtualizer._willUpdate();
  new ResizeObserver(moved).observe(document.body); // figures above it take their height when they are drawn
  matchMedia('print').addEventListener('change', ({ matches }) => print(matches));
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
  return { element, show, reach };

  function show(count: number, makeItem: typeof make, estimateSize: (index: number) => number) {
    make = makeItem;
    for (const item of items.values()) item.remove();
    items.clear();
    virtualizer.setOptions({ ...virtualizer.options, count, estimateSize, scrollMargin: top() });
    virtualizer.measure();
    virtualizer._willUpdate();
    render();
  }

  function render() {
    if (isPrinting) return;
    element.style.height = `${virtualizer.getTotalSize()}px`;
    const visible = virtualizer.getVirtualItems();
    const indices = new Set(visible.map(({ index }) => index));
    for (const [index, item] of items)
      if (!indices.has(index) && !item.contains(document.activeElement)) {
        item.remove();
        items.delete(index);
      }
    for (const { index, start } of visible) {
      let item = items.get(index);
      const isNew = !item;
      item ??= h('div', { class: 'item', 'data-index': index }, make(index));
      item.style.transform = `translateY(${start - virtualizer.options.scrollMargin}px)`;
      if (!isNew) continue;
      items.set(index, item);
      const next = [...items.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
      element.insertBefore(item, next === undefined ? null : items.get(next)!); // the order of reading
      virtualizer.measureElement(item);
    }
  }

  function moved() {
    if (isPrinting || top() === virtualizer.options.scrollMargin) return;
    virtualizer.setOptions({ ...virtualizer.options, scrollMargin: top() });
    virtualizer._willUpdate();
    render();
  }

  function top(): number {
    return element.getBoundingClientRect().top + scrollY;
  }

  async function reach(index: number): Promise<HTMLElement> {
    for (let frame = 0; frame < 30; frame++) {
      virtualizer.scrollToIndex(index, { align: 'start' });
      render();
      const item = items.get(index);
      if (item) return item;
      await new Promise(requestAnimationFrame);
    }
    throw new Error(`item ${index} did not come`);
  }

  function print(starts: boolean) {
    if (starts === isPrinting) return;
    isPrinting = starts;
    if (starts) {
      const { count } = virtualizer.options;
      items.clear();
      element.replaceChildren(
        ...Array.from({ length: Math.min(count, PRINTED) }, (_, index) => h('div', {}, make(index))),
      );
      element.style.height = 'auto';
    } else {
      element.replaceChildren();
      render();
    }
  }
}
