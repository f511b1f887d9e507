// What a picture is drawn from: the table that stands in the page, or a block of JSON of the same shape.

/** One number of a series; `mark` says that it is not settled (estimated, provisional, forecast). */
export interface Cell {
  value: number | null;
  text: string;
  mark: string;
}

/** A column of the table. `role` says what the column is to the picture (docs/charts.md). */
export interface Series {
  name: string;
  role: string;
  cells: Cell[];
}

/** A row of the table: its first cell, and what the row's attributes say. */
export interface Row {
  label: string;
  id: string;
  parent: string;
  group: string;
  state: string;
  stateText: string;
  href: string;
  from: number | null;
  to: number | null;
  at: number | null;
  max: number | null;
}

export interface ChartData {
  kind: string;
  title: string;
  unit: string;
  lang: string;
  /** "log", "inverse" (ranks), or "" */
  scale: string;
  today: number | null;
  /** Ends of the axis of a timeline, where they are given. */
  first: number | null;
  last: number | null;
  rows: Row[];
  series: Series[];
}

/** A date of year, month or day precision as a year with its fraction: "2022-07" is 2022.5. `end` takes its last moment. */
export function yearOf(text: string | null | undefined, end = false): number | null {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text ?? '');
  if (!match) {
    return null;
  }
  const year = Number(match[1]);
  const month = match[2] ? Number(match[2]) - 1 : end ? 12 : 0;
  if (!match[3]) {
    return year + (match[2] && end ? month + 1 : month) / 12;
  }
  return year + (month + (Number(match[3]) - (end ? 0 : 1)) / 31) / 12;
}

function numberOf(text: string | null | undefined): number | null {
  const plain = (text ?? '').trim().replace(/,/g, '').replace(/^[−△▲]/, '-');
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

function textOf(element: Element | null | undefined): string {
  return (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
}

function rowOf(row: HTMLTableRowElement): Row {
  const head = row.cells[0];
  const data = row.dataset;
  return {
    label: data.label ?? textOf(head),
    id: data.id ?? '',
    parent: data.parent ?? '',
    group: data.group ?? '',
    state: data.state ?? '',
    stateText: data.stateText ?? '',
    href: head?.querySelector('a')?.getAttribute('href') ?? '',
    from: yearOf(data.from),
    to: yearOf(data.to, true),
    at: yearOf(data.at),
    max: numberOf(data.max),
  };
}

function cellOf(cell: HTMLTableCellElement | undefined): Cell {
  const text = textOf(cell);
  return { value: numberOf(cell?.dataset.value ?? text), text, mark: cell?.dataset.mark ?? '' };
}

function fromTable(table: HTMLTableElement, data: ChartData): void {
  const heads = Array.from(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? []);
  const rows = Array.from(table.tBodies).flatMap((body) => Array.from(body.rows));
  const usable = rows.filter((row) => !('skip' in row.dataset));
  data.rows = usable.map(rowOf);
  heads.forEach((head, column) => {
    if (column > 0 && !('skip' in head.dataset)) {
      const cells = usable.map((row) => cellOf(row.cells[column]));
      data.series.push({ name: head.dataset.label ?? textOf(head), role: head.dataset.role ?? '', cells });
    }
  });
}

interface Given {
  rows?: (Partial<Omit<Row, 'from' | 'to' | 'at'>> & { from?: string; to?: string; at?: string })[];
  series?: { name: string; role?: string; values: (number | null)[]; marks?: string[] }[];
}

function fromJson(given: Given, data: ChartData): void {
  data.rows = (given.rows ?? []).map((row) => ({
    label: row.label ?? '',
    id: row.id ?? '',
    parent: row.parent ?? '',
    group: row.group ?? '',
    state: row.state ?? '',
    stateText: row.stateText ?? '',
    href: row.href ?? '',
    from: yearOf(row.from),
    to: yearOf(row.to, true),
    at: yearOf(row.at),
    max: row.max ?? null,
  }));
  data.series = (given.series ?? []).map((series) => ({
    name: series.name,
    role: series.role ?? '',
    cells: series.values.map((value, i) => ({ value, text: '', mark: series.marks?.[i] ?? '' })),
  }));
}

/** Reads what a figure is to show; null when there is nothing in it to draw. */
export function readFigure(figure: HTMLElement): ChartData | null {
  const table = figure.querySelector('table');
  const block = figure.querySelector('script[type="application/json"]');
  const data: ChartData = {
    kind: figure.dataset.kind ?? 'line',
    title: textOf(figure.querySelector('figcaption')) || textOf(table?.caption),
    unit: figure.dataset.unit ?? '',
    lang: figure.closest('[lang]')?.getAttribute('lang') ?? 'en',
    scale: figure.dataset.scale ?? '',
    today: yearOf(figure.dataset.today),
    first: yearOf(figure.dataset.from),
    last: yearOf(figure.dataset.to, true),
    rows: [],
    series: [],
  };
  if (block) {
    fromJson(JSON.parse(block.textContent ?? '{}') as Given, data);
  } else if (table) {
    fromTable(table, data);
  }
  return data.rows.length > 0 ? data : null;
}
