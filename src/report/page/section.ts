import { append, h } from './dom.js';

type Children = Parameters<typeof h>[2][];

/** A section of the page, which the navigation leads to. */
export interface Section {
  id: string;
  title: string;
  element: HTMLElement;
}

export function section(id: string, title: string, ...children: Children): Section {
  const element = h(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
  );
  append(element, children);
  return { id, title, element };
}
