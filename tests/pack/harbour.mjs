#!/usr/bin/env node
// Asks the served pack of tests/packs/harbour what its README expects: harbour.mjs README API-ADDRESS
import { readFileSync } from 'node:fs';

const [readme, api] = process.argv.slice(2);
const lines = readFileSync(readme, 'utf8').split('\n');

let number = 0;
function is(what, got, wanted) {
  const fine = JSON.stringify(got) === JSON.stringify(wanted);
  console.log(`${fine ? 'ok' : 'not ok'} ${++number} - ${what}`);
  if (!fine) console.log(`# got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

async function get(path) {
  const answer = await fetch(`${api}${path}`, { signal: AbortSignal.timeout(20000) });
  return { status: answer.status, body: answer.status === 200 ? await answer.json() : null };
}
const ids = async (path) => (await get(path)).body.items.map((item) => item.id).sort();

// The cells of the rows of the table whose header begins with these words.
function table(header) {
  const start = lines.findIndex((line) => line.startsWith(header));
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

// ---- who is a member on which date ----

for (const [on, members, count] of table('| on | members |')) {
  const { body } = await get(`/membership?organisation=nagia-council&on=${on}&limit=100`);
  is(`members on ${on}`, body.total, Number(count));
  const listed = members.split(', ');
  if (listed.every((name) => /^[a-z-]+$/.test(name))) {
    is(`who they are on ${on}`, body.items.map((item) => item.member.id).sort(), listed);
  }
  const seat = members.match(/`(council\.port-nagia\.\d)`/);
  if (seat) {
    is(`whose seat it is on ${on}`, body.items.filter((item) => item.member.id === 'port-nagia').map((item) => item.id), [
      seat[1],
    ]);
  }
}
is('all public memberships of the council', (await get('/membership?organisation=nagia-council')).body.total, 12);
const guests = async (on) =>
  (await get(`/membership?organisation=algae-circle&on=${on}`)).body.items
    .map((item) => item.member.id ?? item.member.name.en)
    .sort();
is('the circle in February 2021', await guests('2021-02-14'), ['Cooks of the Bay', 'brine-labs']);
is('the circle in March 2021', await guests('2021-03-01'), ['brine-labs']);
is('the circle in 2022', await guests('2022-01-01'), ['Institut des Embruns', 'brine-labs']);

// ---- ends, mergers, successions ----

is('hubs before the merger', await ids('/hub?on=2023-12-31'), ['east-quay', 'west-quay']);
is('hubs after the merger', await ids('/hub?on=2024-01-01'), ['quays']);
for (const [on, there] of [
  ['2023-03-31', ['coast-college', 'nagia-university']],
  ['2023-04-01', ['north-coast-university']],
]) {
  const universities = (await get(`/organisation?kind=university&on=${on}`)).body.items;
  is(`universities on ${on}`, universities.map((item) => item.id).sort(), there);
}
is(
  'what succeeded',
  (await get('/organisation/nagia-university')).body.succeeded_by.map((item) => item.id),
  ['north-coast-university'],
);

// ---- what the public may see ----

const counts = new Map((await get('')).body.registers.map((register) => [register.name, register.count]));
for (const [names, shown] of table('| | public |')) {
  for (const name of names.matchAll(/`([a-z-]+)`/g)) is(`public: ${name[1]}`, counts.get(name[1]) ?? 0, Number(shown));
}
is('a record of the members', (await get('/membership/council.saltmarsh-foods')).status, 404);
is('a record of the secretariat', (await get('/company-result/brine-labs.2022')).status, 404);
const field = async (path, name) => Object.hasOwn((await get(path)).body, name);
for (const [path, name] of [
  ['/need/need-freezer', 'budget'],
  ['/seed/cold-strain', 'researchers'],
  ['/investment/brine-labs.seed', 'valuation'],
  ['/overseas-tie/embruns', 'contact'],
  ['/overseas-tie/embruns', 'last_contact'],
  ['/hub-indicator/cold-floor', 'weight'],
  ['/hub-indicator/cold-floor', 'in_index'],
  ['/community/nagia', 'contact_email'],
]) {
  is(`hidden: ${path} ${name}`, await field(path, name), false);
}

// ---- figures ----

for (const [path, name, wanted] of [
  ['/hub-value/east-quay.cold-floor.2020', 'value', { value: 1234.5, unit: 'm2', period: '2020-06-30' }],
  [
    '/hub-value/east-quay.cold-floor.2022',
    'value',
    { value: 1500, qualifier: 'at-least', unit: 'm2', period: '2022-06' },
  ],
  [
    '/hub-value/west-quay.growers.2022',
    'value',
    { low: 30, high: 40, estimated: true, unit: 'persons', period: 'FY2022' },
  ],
  [
    '/hub-value/west-quay.growers.2022-2',
    'value',
    { value: 55, qualifier: 'at-most', unit: 'persons', period: '2022-01/2022-06' },
  ],
  ['/fact/change', 'figure', { value: -3.5, unit: 'percent', period: 'FY2021' }],
  ['/fact/loss', 'figure', { value: -12000000, currency: 'JPY', period: '2022', precision: 6 }],
  [
    '/fact/grant-sum',
    'figure',
    { value: 2500000, qualifier: 'at-most', currency: 'EUR', period: '2020/2022', precision: 5 },
  ],
  [
    '/kpi-value/v1.2021',
    'value',
    { value: 131500000, qualifier: 'about', estimated: true, currency: 'NOK', period: '2021', precision: 5 },
  ],
  ['/investment/brine-labs.a', 'amount', { low: 1500000, high: 2000000, qualifier: 'about', currency: 'EUR' }],
]) {
  is(`the figure of ${path}`, (await get(path)).body[name], wanted);
}
const grant = (await get('/investment/brine-labs.grant')).body;
is('a sum of which nothing is known', [grant.amount, grant.date, grant.amount_basis], [undefined, undefined, 'undisclosed']);
const calendar = await (await fetch(`${api}/event.ics`, { signal: AbortSignal.timeout(20000) })).text();
const evening = calendar.split('BEGIN:VEVENT').find((event) => event.includes('UID:net-mending.')) ?? '';
is(
  'what recurs does so by the clock of its place',
  evening.split('\r\n').filter((line) => /^(DTSTART|DTEND|RRULE)/.test(line)),
  ['DTSTART;TZID=Europe/Oslo:20220112T170000', 'RRULE:FREQ=MONTHLY;BYDAY=2WE'],
);
is('the calendar describes that clock', calendar.includes('TZID:Europe/Oslo\r\n'), true);
console.log(`1..${number}`);
