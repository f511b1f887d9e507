// The Nu HTML checker finds no error in any kind of page, in either language; and the tokens are the package's.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ok, done } from './tap.mjs';
import { serve } from './served.mjs';
import { languages, pages } from './pages.mjs';

const require = createRequire(import.meta.url);
const root = process.env.ROOT ?? process.cwd();
const site = await serve({ edition: true });

// What the checker says of CSS inside pages is not asked for; what is not an error is not either.
function check(files) {
  const run = spawnSync('java', ['-jar', String(require('vnu-jar')), '--format', 'json', '--errors-only', ...files],
    { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (run.error) throw run.error;
  return JSON.parse(run.stderr).messages;
}

async function markup() {
  const folder = join(site.folder, 'pages');
  const files = new Map();
  mkdirSync(folder);
  for (const [name, path] of Object.entries(pages)) {
    for (const lang of languages) {
      const answer = await fetch(`${site.url}/${lang}/${path}`);
      const file = join(folder, `${lang}-${name.replaceAll(' ', '-')}.html`);
      writeFileSync(file, await answer.text());
      files.set(file, `${name} in ${lang}`);
    }
  }
  const wrong = join(folder, 'wrong.html');
  writeFileSync(wrong, '<!DOCTYPE html><html lang="en"><title>x</title><p><div></p>');
  ok('the Nu checker finds the error of a wrong page', check([wrong]).length > 0 ? [] : ['it finds none']);
  const problems = new Map([...files.keys()].map((file) => [file, []]));
  for (const m of check([...files.keys()])) {
    const file = decodeURIComponent(new URL(m.url).pathname);
    problems.get(file).push(`${m.lastLine}: ${m.message}: ${m.extract ?? ''}`);
  }
  for (const [file, name] of files) ok(`${name}: the Nu checker finds no error`, problems.get(file));
}

function tokens() {
  const theirs = readFileSync(require.resolve('@digital-go-jp/design-tokens/dist/tokens.css'), 'utf8');
  const own = readFileSync(join(root, 'web/static/site.css'), 'utf8');
  const values = (css) => new Map([...css.matchAll(/(--[a-z0-9-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2].trim()]));
  const wanted = values(theirs);
  const wrong = [...values(own)]
    .filter(([name]) => /^--(color-(primitive|neutral)|font-size|border-radius)-/.test(name))
    .filter(([name, value]) => wanted.get(name) !== value)
    .map(([name, value]) => `${name} is ${value}, the design tokens say ${wanted.get(name)}`);
  ok('colours, sizes and corners are the design tokens’', wrong);
}

// security.txt and its like are read by machines.
async function machines() {
  const robots = await (await fetch(`${site.url}/robots.txt`)).text();
  ok('robots.txt names the sitemap', robots.includes(`Sitemap: ${site.url}/sitemap.xml`) ? [] : [robots]);
  const security = await fetch(`${site.url}/.well-known/security.txt`);
  const text = await security.text();
  const expires = Date.parse(/^Expires: (.*)$/m.exec(text)?.[1] ?? '');
  const year = 365 * 86400000;
  ok('security.txt says whom to write to and until when it holds',
    security.status === 404 || (/^Contact: https?:/m.test(text) && expires > Date.now() && expires < Date.now() + year) ? [] : [text]);
  const described = await (await fetch(`${site.url}/data/datapackage.json`)).json();
  const first = await fetch(described.resources[0].path);
  ok('the data package points at lists that are there',
    first.status === 200 && described.resources.every((r) => r.schema.fields.length > 0) ? [] : [described.resources[0].path]);
  const catalogue = await (await fetch(`${site.url}/data/catalog.jsonld`)).json();
  ok('each dataset of the catalogue has a title, a description and a way to it',
    catalogue['dcat:dataset'].filter((d) => !d['dct:title'].length || !d['dct:description'].length || !d['dcat:distribution'].length)
      .map((d) => d['@id']));
}

try {
  await markup();
  tokens();
  await machines();
} finally {
  await site.stop();
}
done();
