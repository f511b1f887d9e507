// The pack as readers of the first Data Package standard see it: a projection without what is new in the second and what is our own,
// read row by row by npm `datapackage`, which casts every cell to the type its schema names.
//
//   node projection.mjs PACK
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../package.json', import.meta.url));
const { Package } = require('datapackage');

const folder = process.argv[2];
const original = JSON.parse(fs.readFileSync(path.join(folder, 'datapackage.json'), 'utf8'));

const isOurs = (key) => key.startsWith('musubi:') || key === '$schema';
const project = (value) =>
  Array.isArray(value)
    ? value.map(project)
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).filter(([key]) => !isOurs(key)).map(([key, part]) => [key, project(part)]))
      : value;

const descriptor = project(original);
descriptor.profile = 'tabular-data-package';
for (const resource of descriptor.resources) {
  delete resource.type;
  resource.profile = 'tabular-data-resource';
  // References across files are proved by the loader, which knows registers that several files fill.
  delete resource.schema.foreignKeys;
}

let number = 0;
const say = (ok, name, detail = '') => {
  number += 1;
  console.log(`${ok ? 'ok' : 'not ok'} ${number} - ${name}`);
  if (!ok) console.log(`# ${detail}`.slice(0, 2000));
};

const loaded = await Package.load(descriptor, { basePath: folder });
say(loaded.valid, 'the projection is a valid tabular data package', String(loaded.errors));
for (const resource of loaded.resources) {
  try {
    const rows = await resource.read({ keyed: true });
    say(rows.length > 0, `${resource.name}: npm datapackage reads all ${rows.length} rows`, 'no rows');
  } catch (error) {
    say(false, `${resource.name}: npm datapackage reads it`, JSON.stringify(error.errors ?? error.message));
  }
}
console.log(`1..${number}`);
