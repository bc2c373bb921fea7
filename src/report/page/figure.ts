import type { PlotOptions } from '@observablehq/plot';
import { plot, text } from '@observablehq/plot';
import { h } from './dom.js';
import { table, type TableParts } from './table.js';

/** Pixels across a printed page. */
const PAPER = 680;

export interface FigureParts {
  id: string;
  /** What is to be seen, as a sentence or two under the figure. */
  caption: string;
  /** Charts for a width, one under the other. Each has a label for those who do not see it. */
  charts: { label: string; options: (width: number) => PlotOptions }[];
  legend?: { colour: string; text: string; shape?: 'line' | 'dot' | 'cross' | 'band' }[];
  /** The same in numbers. */
  numbers: TableParts;
}

/** A figure: charts that are drawn again where the page's width changes, a caption, the numbers. */
export function figure({ id, caption, charts, legend = [], numbers }: FigureParts): HTMLElement {
  const holders = charts.map(({ label }) => h('div', { class: 'chart', role: 'img', 'aria-label': label }));
  let drawn = 0;
  const draw = (width: number) => {
    if (width === drawn || width === 0) return;
    drawn = width;
    charts.forEach(({ options }, i) => holders[i]!.replaceChildren(drawChart(options(width), width)));
  };
  const canvas = h('div', { class: 'charts' }, holders);
  new ResizeObserver(([entry]) => draw(Math.floor(entry!.contentRect.width))).observe(canvas);
  matchMedia('print').addEventListener('change', ({ matches }) => draw(matches ? PAPER : canvas.clientWidth));
  return h(
    'figure',
    { id },
    legend.length > 0 &&
      h(
        'ul',
        { class: 'legend' },
        legend.map(({ colour, text, shape = 'band' }) =>
          h('li', {}, h('span', { class: `key ${shape}`, style: `--key: ${colour}` }), text),
        ),
      ),
    canvas,
    h('figcaption', {}, caption),
    h('details', {}, h('summary', {}, 'The numbers'), table(numbers)),
  );
}

function drawChart(options: PlotOptions, width: number): SVGSVGElement | HTMLElement {
  const chart = plot({
    width,
    ...options,
    style: {
      background: 'none',
      color: 'inherit',
      fontFamily: 'inherit',
      fontSize: '12px',
      overflow: 'visible',
    },
  });
  chart.setAttribute('aria-hidden', 'true'); // its holder is the image, with a label; the numbers are below
  return chart as SVGSVGElement | HTMLElement;
}

/** Pixels that the longest of some names takes on an axis. */
export function axisWidth(names: readonly string[]): number {
  return 14 + 6.9 * names.reduce((longest, name) => Math.max(longest, name.length), 0);
}

/** The title of a chart, above its left edge. */
export function chartTitle(title: string, marginLeft: number, dy: number, options: object = {}) {
  return text([title], {
    frameAnchor: 'top-left',
    textAnchor: 'start',
    lineAnchor: 'middle',
    dx: -marginLeft,
    dy,
    fontWeight: 'bold',
    fill: 'var(--ink)',
    text: (value: string) => value,
    ...options,
  } as never);
}
