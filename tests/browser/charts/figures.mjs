// Figures as docs/charts.md describes them, one of each kind, with invented numbers and names.
const row = (cells, attributes = '') => `<tr ${attributes}><th scope="row">${cells[0]}</th>${cells.slice(1).join('')}</tr>`;
const td = (value, text = value, mark = '') =>
  value === null ? '<td></td>' : `<td data-value="${value}"${mark && ` data-mark="${mark}"`}>${text}</td>`;
const table = (heads, rows) =>
  `<div class="chart-table" tabindex="0" role="region" aria-label="data"><table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
const th = (text, role = '') => `<th scope="col"${role && ` data-role="${role}"`}>${text}</th>`;

const words = {
  en: {
    title: 'An example', year: 'Year', actual: 'Actual', path: 'Path to the target', median: 'Forecast, middle', low: 'low', high: 'high',
    trillion: (n) => `${n} trillion yen`, north: 'Northern hub', south: 'Southern hub with a rather long name', east: 'East',
    from: 'From', to: 'To', state: 'State', late: 'late', active: 'in progress', done: 'reached',
    long: 'Publicise advanced seeds and support the deployment of national projects', event: 'Partnering day',
  },
  ja: {
    title: 'ひとつの例', year: '年', actual: '実績', path: '目標までの道筋', median: '見通し（中央）', low: '下限', high: '上限',
    trillion: (n) => `${n}兆円`, north: '北の拠点', south: '少し長い名前をもつ南の拠点', east: '東', from: '始まり', to: '終わり',
    state: '状況', late: '遅れ', active: '進行中', done: '到達',
    long: '先端シーズを発信し、国の事業の成果が企業と社会へ移るのを支える', event: 'パートナリングの日',
  },
};

function fan(w) {
  const years = [2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026];
  const heads = [th(w.year), th(w.actual, 'actual'), th(w.path, 'path'), th(w.median, 'median')];
  for (const level of [50, 80, 95]) heads.push(th(`${level} % ${w.low}`, `low-${level}`), th(`${level} % ${w.high}`, `high-${level}`));
  const rows = years.map((year, i) => {
    const actual = i < 5 ? 100 + 3 * i + (i % 2) : null;
    const middle = i >= 4 ? 112 + 4 * (i - 4) : null;
    const bands = [1, 2, 3].flatMap((k) => (i < 4 ? [td(null), td(null)] : [td((middle - k * (i - 4) * 2) * 1e12, middle), td((middle + k * (i - 4) * 2) * 1e12, middle)]));
    const value = (n, mark) => (n === null ? td(null) : td(n * 1e12, w.trillion(n), mark));
    return row([year, value(actual, i === 4 ? 'estimated' : ''), value(100 + 4 * i), value(middle), ...bands]);
  });
  return table(heads, rows);
}

function bars(w) {
  const heads = [th(w.year), th(w.north), th(w.south), th(w.east)];
  return table(heads, [2021, 2022, 2023].map((year, i) => row([year, td(12 + i), td(7 - i), i === 1 ? td(null) : td(3 + 2 * i)])));
}

function radar(w) {
  const heads = [th('#'), th(w.north), th(w.south)];
  return table(heads, ['A', 'B', 'C', 'D', 'E'].map((name, i) => row([name + ' ' + w.east, td(20 + 10 * i), td(60 - 9 * i)], 'data-max="100"')));
}

function range(w) {
  const heads = [th('#'), th(w.low, 'low'), th(w.actual, 'value'), th(w.high, 'high')];
  return table(heads, [w.north, w.south, w.east].map((name, i) => row([name, td(20 + i * 5), td(31 + i * 6), td(44 + i * 9)])));
}

function tree(w) {
  const nodes = [['top', '', w.title, 'behind'], ['a', 'top', w.north, 'on-track'], ['b', 'top', w.south, 'reached'], ['c', 'a', w.east, 'none'], ['d', 'a', w.long, 'wrong']];
  return table([th('#'), th(w.state)], nodes.map(([id, parent, name, state]) =>
    row([name, `<td>${state}</td>`], `data-id="${id}" data-parent="${parent}" data-state="${state}" data-state-text="${state}"`)));
}

function timeline(w) {
  return table([th('#'), th(w.from), th(w.to), th(w.state)], [
    row([w.long, '<td>2021</td>', '<td>2030</td>', `<td>${w.active}</td>`], `data-from="2021" data-to="2030" data-state="active" data-state-text="${w.active}"`),
    row([w.north, '<td>2022-04</td>', '<td>2024-03</td>', `<td>${w.late}</td>`], `data-from="2022-04" data-to="2024-03" data-state="late" data-state-text="${w.late}"`),
    row([w.event, '<td>2023-10-11</td>', '<td></td>', `<td>${w.done}</td>`], `data-at="2023-10-11" data-state="done" data-state-text="${w.done}"`),
  ]);
}

export const kinds = { fan, line: bars, bar: bars, stack: bars, hbar: bars, hstack: bars, range, radar, tree, timeline };

export function figures(lang) {
  const w = words[lang];
  return Object.entries(kinds).map(([kind, make]) =>
    `<figure class="chart" data-kind="${kind}"${kind === 'fan' ? ` data-unit="${lang === 'ja' ? '円' : 'yen'}"` : ''}${kind === 'timeline' ? ' data-today="2023-06"' : ''}><figcaption>${w.title}: ${kind}</figcaption>${make(w)}</figure>`);
}
