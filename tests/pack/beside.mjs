#!/usr/bin/env node
// Asks a store of two communities, the invented one of tests/packs/harbour and then data/gtb: beside.mjs API-ADDRESS
const [api] = process.argv.slice(2);

let number = 0;
function is(what, got, wanted) {
  const fine = JSON.stringify(got) === JSON.stringify(wanted);
  console.log(`${fine ? 'ok' : 'not ok'} beside ${++number} - ${what}`);
  if (!fine) console.log(`# got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}
const get = async (path) => (await fetch(`${api}${path}`, { signal: AbortSignal.timeout(20000) })).json();

is(
  'two communities',
  (await get('/community')).items.map((item) => item.id).sort(),
  ['gtb', 'nagia'],
);
is('the site is whose it was', (await get('')).name.en, 'Nagia Harbour Food Technology Community');
is('members of one council', (await get('/membership?organisation=council&on=2022-02-21')).total, 43);
is('members of the other', (await get('/membership?organisation=nagia-council&on=2022')).total, 9);
is('a record of the first', (await get('/organisation/brine-labs')).id, 'brine-labs');
is('a record of the second', (await get('/organisation/science-tokyo')).id, 'science-tokyo');
