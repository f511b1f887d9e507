#!/usr/bin/env node
// What the Greater Tokyo Biocommunity's pack must hold, whatever else changes in it: gtb.mjs PACK-FOLDER
// Facts of the master plan of 2022 that anyone can count in its slides.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const descriptor = JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8'));

// The files of the pack have no line break inside a cell, so a line is a row.
function cells(line) {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2]);
}

function rows(register) {
  return descriptor.resources
    .filter((resource) => (resource['musubi:register'] ?? resource.name) === register)
    .flatMap((resource) => {
      const [header, ...lines] = readFileSync(join(folder, resource.path), 'utf8').trimEnd().split('\n').map(cells);
      const defaults = resource['musubi:defaults'] ?? {};
      return lines.map((line) => ({ ...defaults, ...Object.fromEntries(header.map((name, i) => [name, line[i]])) }));
    });
}

let number = 0;
function is(what, got, wanted) {
  const fine = JSON.stringify(got) === JSON.stringify(wanted);
  console.log(`${fine ? 'ok' : 'not ok'} ${++number} - ${what}`);
  if (!fine) console.log(`# got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}
const count = (list, by) => list.reduce((sum, row) => ({ ...sum, [row[by]]: (sum[row[by]] ?? 0) + 1 }), {});
const find = (register, id) => rows(register).find((row) => row.id === id) ?? {};

const seats = rows('membership').filter((row) => row.organisation === 'council');
const held = seats.filter((row) => row.attested_on <= '2022-02-21' && (!row.to || row.to >= '2022-02-21'));
is('43 seats on 2022-02-21', held.length, 43);
is('42 persons on the 43 seats', new Set(held.map((row) => row.person)).size, 42);
is('the seats by sector', count(held, 'sector'), {
  municipality: 8,
  'university-institute': 15,
  association: 13,
  'support-agency': 5,
  finance: 2,
});
is('one chair and two vice-chairs', count(held, 'role'), { 'vice-chair': 2, member: 40, chair: 1 });
is('the chair', held.find((row) => row.role === 'chair')?.person, 'nagayama-osamu');
is('three observers', rows('membership').filter((row) => row.organisation === 'observers').length, 3);
is(
  'eight people in the working group',
  rows('membership').filter((row) => row.organisation === 'wg-bioecosystem').length,
  8,
);
is('eight topics', rows('topic').length, 8);
is('the University of Tokyo', find('organisation', 'utokyo').name_en, 'The University of Tokyo');
for (const id of ['tokyo-tech', 'tmdu']) {
  is(
    `${id} ended and was succeeded`,
    [find('organisation', id).to, find('organisation', id).succeeded_by],
    ['2024-09-30', 'science-tokyo'],
  );
}
is(
  'the vision, five missions, six streams',
  ['vision', 'mission', 'stream'].map((kind) => count(rows('plan-item'), 'kind')[kind]),
  [1, 5, 6],
);
is('seven streams of the roadmap', count(rows('plan-item'), 'kind')['roadmap-stream'], 7);
is(
  'the adopted indicators',
  rows('kpi')
    .filter((row) => row.standing === 'adopted')
    .map((row) => row.id),
  ['sales', 'joint-research', 'venture-investment', 'overseas-venture-investment', 'startup-ecosystem-rank'],
);
is(
  'sales: baseline and target',
  [find('kpi', 'sales').baseline, find('kpi', 'sales').target],
  ['103000000000000', '147000000000000'],
);
is('eight hubs and five emerging areas', count(rows('hub'), 'status'), { forming: 8, emerging: 5 });
is(
  'nine projects, three with a lead',
  [rows('project').length, rows('project-partner').filter((row) => row.role === 'lead').length],
  [9, 3],
);
is('nine products', rows('product').length, 9);
is('one community', rows('community').length, 1);

// A baseline stands in the indicator and among its values; the two may not drift apart.
const parts = ['', '_low', '_high', '_unit', '_currency', '_period', '_precision', '_estimated'];
for (const kpi of rows('kpi').filter((row) => row.baseline || row.baseline_low)) {
  const value =
    rows('kpi-value').find(
      (row) => row.kpi === kpi.id && row.kind === 'baseline' && row.definition === kpi.definition,
    ) ?? {};
  is(
    `${kpi.id}: its baseline is among its values`,
    parts.map((p) => value[`value${p}`] ?? ''),
    parts.map((p) => kpi[`baseline${p}`] ?? ''),
  );
}
console.log(`1..${number}`);
