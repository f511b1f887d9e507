// Draws the figures of a page. Each stands in the page as a table, which stays; the picture is put before it.
import { BarChart, LineChart, RadarChart, ScatterChart, TreeChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent } from 'echarts/components';
import { init, registerLocale, use, type EChartsType } from 'echarts/core';
import langJA from 'echarts/lib/i18n/langJA.js';
import { SVGRenderer } from 'echarts/renderers';
import { readFigure, type ChartData } from './charts/data';
import { kinds, type Kind } from './charts/kinds';
import { formatter } from './charts/look';

use([
  BarChart,
  LineChart,
  RadarChart,
  ScatterChart,
  TreeChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  RadarComponent,
  TooltipComponent,
  SVGRenderer,
]);
registerLocale('JA', langJA as Parameters<typeof registerLocale>[1]);

/** Width of the text on an A4 page in CSS pixels: what a picture is laid out for when it is printed. */
const PRINT_WIDTH = 660;

interface Shown {
  figure: HTMLElement;
  box: HTMLElement;
  data: ChartData;
  chart: EChartsType | null;
  width: number;
}

function draw(shown: Shown, width: number): void {
  const kind: Kind | undefined = kinds[shown.data.kind];
  const drawing = kind !== undefined && width > 0 ? kind(shown.data, width) : null;
  shown.width = width;
  if (!drawing?.fits) {
    shown.box.hidden = true;
    return;
  }
  shown.box.hidden = false;
  if (!shown.chart) {
    shown.chart = init(shown.box, undefined, {
      renderer: 'svg',
      locale: shown.data.lang.startsWith('ja') ? 'JA' : 'EN',
      width,
      height: drawing.height,
    });
    shown.chart.on('click', (event) => {
      const href = (event.data as { href?: string } | undefined)?.href;
      if (href) {
        window.location.href = href;
      }
    });
  }
  shown.chart.resize({ width, height: drawing.height });
  // Nothing moves, so there is nothing to reduce for those who asked for less motion.
  shown.chart.setOption(
    {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(shown.figure).fontFamily },
      // Bars bring decals of their own, so that a series keeps its pattern whichever others are shown.
      aria: { enabled: true, label: { description: described(shown) }, decal: { show: false } },
      ...drawing.option,
    },
    true,
  );
}

/** What a picture is called for those who do not see it: its title, and each series from its first number to its last. ECharts'
 * own description reads out positions and gaps; the table has every number. */
function described({ data }: Shown): string {
  const format = formatter(data.lang);
  const series = data.series
    .filter((one) => !/^(low|high)(-|$)/.test(one.role))
    .map((one) => {
      const known = one.cells.map((cell, i) => ({ cell, row: data.rows[i] })).filter(({ cell }) => cell.value !== null);
      const ends = known.length > 1 ? [known[0]!, known[known.length - 1]!] : known;
      return ends.length === 0
        ? ''
        : `${one.name}: ${ends.map(({ cell, row }) => `${row?.label ?? ''} ${cell.text || format(cell.value ?? 0)}`).join(' – ')}`;
    });
  return [data.title, ...series].filter(Boolean).slice(0, 12).join('. ');
}

function begin(figure: HTMLElement): Shown | null {
  const data = readFigure(figure);
  if (!data || !kinds[data.kind]) {
    return null;
  }
  const box = document.createElement('div');
  box.className = 'chart-picture';
  box.setAttribute('role', 'img');
  const caption = figure.querySelector(':scope > figcaption');
  if (caption && caption === figure.firstElementChild) {
    caption.after(box);
  } else {
    figure.prepend(box);
  }
  return { figure, box, data, chart: null, width: 0 };
}

function start(): void {
  const all: Shown[] = [];
  document.querySelectorAll<HTMLElement>('figure.chart').forEach((figure) => {
    const shown = begin(figure);
    if (shown) {
      all.push(shown);
      draw(shown, figure.clientWidth);
      figure.dataset.drawn = shown.box.hidden ? 'no' : 'yes';
    }
  });
  let waiting = 0;
  window.addEventListener('resize', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      for (const shown of all) {
        if (shown.figure.clientWidth !== shown.width) {
          draw(shown, shown.figure.clientWidth);
        }
      }
    });
  });
  window.addEventListener('beforeprint', () => all.forEach((shown) => draw(shown, PRINT_WIDTH)));
  window.addEventListener('afterprint', () => all.forEach((shown) => draw(shown, shown.figure.clientWidth)));
}

start();
