// From the data of a figure to what ECharts is asked to draw: one function a kind.
import type { EChartsCoreOption } from 'echarts/core';
import type { ChartData, Series } from './data';
import * as look from './look';

type Option = EChartsCoreOption;
export interface Drawing {
  option: Option;
  /** Height of the picture in pixels at this width. */
  height: number;
  /** False when the width is too small for it to help; the table says it all. */
  fits: boolean;
}
export type Kind = (data: ChartData, width: number) => Drawing;

const forecastRoles = ['median', 'trend', 'path', 'target'];

function isBand(series: Series): boolean {
  return /^(low|high)-/.test(series.role);
}

function legend(names: string[]): object {
  return { show: names.length > 1, data: names, bottom: 0, type: 'plain', itemWidth: 32, textStyle: { color: look.ink, fontSize: 13 } };
}

function legendRows(names: string[], width: number): number {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const wide = 52 + Array.from(name).reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e80 ? 13 : 7.2), 0);
    if (used > 0 && used + wide > width) {
      rows++;
      used = 0;
    }
    used += wide;
  }
  return names.length > 1 ? rows : 0;
}

function valueAxis(data: ChartData): object {
  const format = look.formatter(data.lang);
  return {
    type: data.scale === 'log' ? 'log' : 'value',
    inverse: data.scale === 'inverse',
    min: data.scale === 'inverse' ? 1 : undefined,
    name: data.unit,
    nameLocation: 'end',
    nameTextStyle: { color: look.soft, align: 'left', padding: [0, 0, 0, -24], fontSize: 13 },
    axisLabel: { color: look.soft, fontSize: 13, formatter: (value: number) => format(value) },
    splitLine: { lineStyle: { color: look.faint } },
  };
}

function categoryAxis(data: ChartData): object {
  return {
    type: 'category',
    data: data.rows.map((row) => row.label),
    axisLabel: { color: look.soft, fontSize: 13, hideOverlap: true },
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { alignWithLabel: true },
  };
}

function tooltip(data: ChartData, names?: string[]): object {
  const format = look.formatter(data.lang);
  interface Item {
    seriesName?: string;
    name?: string;
    dataIndex: number;
    value: unknown;
  }
  return {
    trigger: 'axis',
    renderMode: 'richText',
    confine: true,
    backgroundColor: look.paper,
    borderColor: look.line,
    textStyle: { color: look.ink, fontSize: 13 },
    formatter: (items: Item | Item[]) => {
      const list = (Array.isArray(items) ? items : [items]).filter((item) => !names || names.includes(item.seriesName ?? ''));
      const lines = list.map((item) => {
        const series = data.series.find((one) => one.name === item.seriesName);
        const cell = series?.cells[item.dataIndex];
        const words = cell?.text || (cell?.value == null ? '–' : format(cell.value));
        return `${item.seriesName}: ${words}`;
      });
      return [list[0]?.name ?? '', ...lines].join('\n');
    },
  };
}

function grid(rows: number, data: ChartData): object {
  return { left: 8, right: 16, top: data.unit ? 36 : 16, bottom: 12 + rows * 28, containLabel: true };
}

/** A line of the picture. What is not measured (path, target, forecast) is dashed and has no symbols. */
function lineSeries(series: Series, index: number): object {
  const soft = forecastRoles.includes(series.role);
  const colour = look.colours[index % look.colours.length];
  return {
    type: 'line',
    name: series.name,
    connectNulls: soft,
    showSymbol: !soft || series.cells.filter((cell) => cell.value !== null).length < 2,
    symbol: look.symbols[index % look.symbols.length],
    symbolSize: 9,
    color: colour,
    lineStyle: { width: soft ? 2 : 2.5, type: soft ? look.dashes[1 + (index % 7)] : look.dashes[index % 8] },
    itemStyle: { color: colour },
    z: soft ? 3 : 5,
    data: series.cells.map((cell) =>
      cell.mark
        ? { value: cell.value ?? '-', symbol: 'emptyCircle', symbolSize: 11, itemStyle: { color: colour, borderWidth: 2 } }
        : { value: cell.value ?? '-' },
    ),
  };
}

/** The bands of a forecast, widest first, each a stack of its invisible lower bound and its height. */
function bandSeries(data: ChartData): object[] {
  const levels = data.series.filter((one) => one.role.startsWith('low-')).map((one) => Number(one.role.slice(4)));
  return levels
    .sort((a, b) => b - a)
    .flatMap((level, rank) => {
      const low = data.series.find((one) => one.role === `low-${level}`);
      const high = data.series.find((one) => one.role === `high-${level}`);
      if (!low || !high) {
        return [];
      }
      const area = { type: 'line', stack: `band-${level}`, stackStrategy: 'all', symbol: 'none', silent: true, z: 2 };
      const edge = { width: 1, type: look.dashes[rank + 2], color: '#0017c1', opacity: 0.55 };
      return [
        { ...area, name: `${low.name} `, lineStyle: edge, data: low.cells.map((cell) => cell.value ?? '-') },
        {
          ...area,
          name: `${level} %`,
          lineStyle: edge,
          areaStyle: { color: '#0017c1', opacity: 0.12 },
          data: low.cells.map((cell, i) => {
            const top = high.cells[i]?.value;
            return cell.value === null || top == null ? '-' : top - cell.value;
          }),
        },
      ];
    });
}

/** line, fan: series over the rows; columns low-80, high-80 and so on become bands behind them. */
const lineKind: Kind = (data, width) => {
  const lines = data.series.filter((one) => !isBand(one) && one.cells.some((cell) => cell.value !== null));
  const names = lines.map((one) => one.name);
  const rows = legendRows(names, width);
  return {
    fits: lines.length > 0,
    height: 320 + rows * 28,
    option: {
      legend: legend(names),
      tooltip: tooltip(data, names),
      grid: grid(rows, data),
      xAxis: { ...categoryAxis(data), boundaryGap: data.rows.length < 3 },
      yAxis: { ...valueAxis(data), scale: true },
      series: [...bandSeries(data), ...lines.map(lineSeries)],
    },
  };
};

function barSeries(series: Series, index: number, stack: boolean): object {
  return {
    type: 'bar',
    name: series.name,
    stack: stack ? 'all' : undefined,
    barMaxWidth: 44,
    color: look.colours[index % look.colours.length],
    itemStyle: { borderColor: look.paper, borderWidth: 1, decal: look.decal(index) },
    data: series.cells.map((cell) => ({
      value: cell.value ?? '-',
      itemStyle: cell.mark ? { borderColor: look.ink, borderWidth: 2, borderType: 'dashed' } : undefined,
    })),
  };
}

/** bar, stack: upright; hbar, hstack: lying, for many rows or long names. */
const barKind: Kind = (data, width) => {
  const stack = data.kind.endsWith('stack');
  const lying = data.kind.startsWith('h');
  const shown = data.series.filter((one) => one.cells.some((cell) => cell.value !== null));
  const bars = shown.filter((one) => !forecastRoles.includes(one.role));
  const names = shown.map((one) => one.name);
  const rows = legendRows(names, width);
  const each = stack ? 30 : 14 + 18 * Math.max(1, bars.length);
  const category = categoryAxis(data);
  const labels = { color: look.ink, fontSize: 13, width: Math.min(220, width * 0.4), overflow: 'break' };
  return {
    fits: shown.length > 0,
    height: (lying ? 60 + each * data.rows.length : 320) + rows * 28,
    option: {
      legend: legend(names),
      tooltip: { ...tooltip(data, names), axisPointer: { type: 'shadow' } },
      grid: grid(rows, data),
      xAxis: lying ? { ...valueAxis(data), nameLocation: 'end', splitNumber: width < 500 ? 3 : 5 } : category,
      yAxis: lying ? { ...category, inverse: true, axisLabel: labels } : valueAxis(data),
      series: shown.map((one, i) => (forecastRoles.includes(one.role) ? lineSeries(one, i) : barSeries(one, i, stack))),
    },
  };
};

/** range: a row's low and high as a bar, its value as a mark on it (columns with the roles low, high, value). */
const rangeKind: Kind = (data, width) => {
  const column = (role: string) => data.series.find((one) => one.role === role);
  const low = column('low');
  const high = column('high');
  const value = column('value');
  const names = [value?.name ?? ''].filter(Boolean);
  return {
    fits: !!low && !!high,
    height: 60 + 34 * data.rows.length,
    option: {
      tooltip: { ...tooltip(data, names), axisPointer: { type: 'shadow' } },
      grid: grid(0, data),
      xAxis: valueAxis(data),
      yAxis: {
        ...categoryAxis(data),
        inverse: true,
        axisLabel: { color: look.ink, fontSize: 13, width: Math.min(220, width * 0.4), overflow: 'break' },
      },
      series: [
        { type: 'bar', stack: 'range', silent: true, itemStyle: { color: 'transparent' }, data: low?.cells.map((cell) => cell.value ?? '-') },
        {
          type: 'bar',
          stack: 'range',
          barWidth: 10,
          silent: true,
          itemStyle: { color: look.colours[0], opacity: 0.35 },
          data: high?.cells.map((cell, i) => {
            const bottom = low?.cells[i]?.value;
            return cell.value === null || bottom == null ? '-' : cell.value - bottom;
          }),
        },
        {
          type: 'line',
          name: value?.name,
          symbol: 'diamond',
          symbolSize: 12,
          color: look.ink,
          lineStyle: { opacity: 0 },
          data: value?.cells.map((cell) => cell.value ?? '-'),
        },
      ],
    },
  };
};

/** radar: rows are the spokes (data-max: where a spoke ends), columns the shapes. */
const radarKind: Kind = (data, width) => {
  const names = data.series.map((one) => one.name);
  const rows = legendRows(names, width);
  const most = (row: number) => Math.max(0, ...data.series.map((one) => one.cells[row]?.value ?? 0));
  return {
    fits: data.rows.length > 2,
    height: Math.min(440, width) + rows * 28,
    option: {
      legend: legend(names),
      tooltip: { ...tooltip(data), trigger: 'item', formatter: undefined },
      radar: {
        indicator: data.rows.map((row, i) => ({ name: row.label, max: row.max ?? (most(i) || 1), min: 0 })),
        radius: width < 500 ? '48%' : '62%',
        center: ['50%', `${rows > 1 ? 44 : 48}%`],
        axisName: { color: look.ink, fontSize: 13, width: width * 0.24, overflow: 'break' },
        splitArea: { show: false },
      },
      series: [
        {
          type: 'radar',
          data: data.series.map((one, i) => ({
            name: one.name,
            value: one.cells.map((cell) => cell.value ?? 0),
            symbol: look.symbols[i % look.symbols.length],
            symbolSize: 8,
            itemStyle: { color: look.colours[i % look.colours.length] },
            lineStyle: { color: look.colours[i % look.colours.length], width: 2, type: look.dashes[i % look.dashes.length] },
          })),
        },
      ],
    },
  };
};

interface Node {
  name: string;
  href: string;
  symbol: string;
  itemStyle: object;
  children: Node[];
}

/** tree: rows with data-id and data-parent, their state as colour and symbol. */
const treeKind: Kind = (data, width) => {
  const nodes = new Map<string, Node>();
  const roots: Node[] = [];
  const depths = new Map<string, number>();
  for (const row of data.rows) {
    depths.set(row.id, (depths.get(row.parent) ?? 0) + 1);
  }
  // Several roots hang from one that has no name.
  const several = data.rows.filter((row) => !data.rows.some((other) => other.id === row.parent)).length > 1;
  const deepest = Math.max(...depths.values()) + (several ? 1 : 0);
  const room = Math.max(90, width / deepest - 12);
  const labelWidth = room - 64;
  for (const row of data.rows) {
    const state = look.stateLook(row.state);
    const words = lines(row.label, labelWidth, 3);
    const name = row.stateText ? `${words}\n${lines(row.stateText, labelWidth, 2)}` : words;
    const node: Node = { name, href: row.href, symbol: state.symbol, itemStyle: { color: state.colour, borderColor: state.colour }, children: [] };
    const parent = nodes.get(row.parent);
    nodes.set(row.id, node);
    (parent ? parent.children : roots).push(node);
  }
  const leaves = Array.from(nodes.values()).filter((node) => node.children.length === 0).length;
  const root = roots.length === 1 ? roots[0]! : { name: '', href: '', symbol: 'none', itemStyle: {}, children: roots };
  return {
    fits: width / deepest >= 160,
    height: Math.max(160, leaves * 78),
    option: {
      series: [
        {
          type: 'tree',
          data: [root],
          left: 12,
          right: room,
          top: 16,
          bottom: 16,
          symbolSize: 14,
          roam: false,
          expandAndCollapse: false,
          initialTreeDepth: -1,
          lineStyle: { color: look.line, width: 1.5 },
          label: {
            position: 'right',
            align: 'left',
            distance: 8,
            fontSize: 13,
            lineHeight: 17,
            color: look.ink,
            backgroundColor: look.paper,
            padding: [0, 4],
          },
        },
      ],
    },
  };
};

/** timeline: a row with data-from and data-to is a bar, one with data-at a mark; a line stands at data-today. */
const timelineKind: Kind = (data, width) => {
  const rows = data.rows.filter((row) => row.from !== null || row.at !== null);
  const starts = rows.map((row) => row.from ?? row.at ?? 0);
  const ends = rows.map((row) => row.to ?? row.at ?? 0);
  const first = Math.floor(data.first ?? Math.min(...starts));
  const last = Math.max(first + 1, Math.ceil(data.last ?? Math.max(...ends)));
  const names = width < 560 ? width * 0.44 : Math.min(340, width * 0.36);
  const today = data.today === null || data.today < first || data.today > last ? [] : [data.today, data.today];
  return {
    fits: rows.length > 0 && width >= 280,
    height: 56 + rows.length * (width < 560 ? 56 : 44),
    option: {
      grid: { left: 8, right: 20, top: 32, bottom: 8, containLabel: true },
      xAxis: {
        type: 'value',
        position: 'top',
        min: first,
        max: last,
        minInterval: 1,
        splitNumber: width < 560 ? 3 : 10,
        axisLabel: { color: look.soft, fontSize: 13, formatter: (value: number) => (value % 1 === 0 ? String(value) : ''), hideOverlap: true },
        splitLine: { lineStyle: { color: look.faint } },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map((_, i) => String(i)),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: look.line } },
        axisLabel: {
          interval: 0,
          color: look.ink,
          fontSize: width < 560 ? 12 : 13,
          lineHeight: 16,
          width: names,
          overflow: 'truncate',
          formatter: (at: string) => lines(rows[Number(at)]?.label ?? '', names, 3),
        },
      },
      series: [
        { type: 'bar', stack: 'span', silent: true, itemStyle: { color: 'transparent' }, data: rows.map((row) => row.from ?? '-') },
        {
          type: 'bar',
          stack: 'span',
          barWidth: 18,
          label: { show: width >= 560, position: 'insideLeft', color: look.ink, backgroundColor: look.paper, padding: [1, 4], fontSize: 12, formatter: (item: { dataIndex: number }) => rows[item.dataIndex]?.stateText ?? '' },
          data: rows.map((row) => {
            const state = look.stateLook(row.state);
            const late = row.state === 'late' || row.state === 'silent';
            return {
              value: row.from === null || row.to === null ? '-' : row.to - row.from,
              itemStyle: { color: state.colour, borderColor: state.colour, decal: look.decal(late ? 1 : row.state === 'none' ? 5 : 0) },
            };
          }),
        },
        {
          type: 'scatter',
          symbolSize: 14,
          data: rows.flatMap((row, i) => {
            const state = look.stateLook(row.state);
            return row.at === null ? [] : [{ value: [row.at, i], symbol: state.symbol, itemStyle: { color: state.colour } }];
          }),
        },
        {
          type: 'line',
          symbol: 'none',
          silent: true,
          lineStyle: { color: look.ink, type: 'dashed', width: 1.5 },
          data: today.map((year, i) => [year, i * (rows.length - 1)]),
        },
      ],
    },
  };
};

/** Breaks a name into at most `most` lines of about `width` pixels, between words where there are any. */
function lines(text: string, width: number, most: number): string {
  const wide = (part: string) => Array.from(part).reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e80 ? 13 : 6.8), 0);
  const parts = text.match(/[⺀-￿]|[^\s⺀-￿]+\s*/g) ?? [text];
  const out = [''];
  for (const part of parts) {
    const last = out.length - 1;
    if (out[last] && wide(out[last] + part.trimEnd()) > width) {
      out.push(part);
    } else {
      out[last] += part;
    }
  }
  const kept = out.slice(0, most).map((one) => one.trimEnd());
  return kept.join('\n') + (out.length > most ? '…' : '');
}

export const kinds: Record<string, Kind> = {
  line: lineKind,
  fan: lineKind,
  bar: barKind,
  stack: barKind,
  hbar: barKind,
  hstack: barKind,
  range: rangeKind,
  radar: radarKind,
  tree: treeKind,
  timeline: timelineKind,
};
