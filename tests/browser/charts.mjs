// The script that draws, in a real Chromium under the site's own policy: every kind of figure in both languages and three widths.
// SHOTS=FOLDER keeps pictures of what was seen.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import axe from 'axe-core';
import { ok, done } from './tap.mjs';
import { serve } from './served.mjs';
import { figures, kinds } from './charts/figures.mjs';

const BUNDLE_BYTES = 225 * 1024; // gzip
const root = process.env.ROOT ?? process.cwd();
const script = readFileSync(join(root, 'web/static/charts.js'));
const style = readFileSync(join(root, 'web/static/site.css'));
const site = await serve();
const policy = (await fetch(`${site.url}/en/`)).headers.get('content-security-policy');
await site.stop();
if (!policy) throw new Error('the site has no policy');

const pageOf = (lang) => `<!DOCTYPE html><html lang="${lang}"><head><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/site.css">
<script src="/charts.js" defer></script></head><body><main id="content"><h1>Figures</h1>${figures(lang).join('\n')}</main></body></html>`;

const server = createServer((request, response) => {
  const files = {
    '/favicon.ico': ['image/x-icon', ''], '/charts.js': ['text/javascript', script], '/site.css': ['text/css', style],
  };
  const [type, body] = files[request.url] ?? ['text/html; charset=utf-8', pageOf(request.url.slice(1, 3))];
  response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy });
  response.end(body);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

async function open(lang, width, options = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, ...options });
  const page = await context.newPage();
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  await page.goto(`${url}/${lang}`);
  return { context, page, said };
}

const drawn = (page) => page.evaluate(() => [...document.querySelectorAll('figure.chart')].map((figure) => {
  const box = figure.querySelector('.chart-picture');
  const svg = box?.querySelector('svg');
  const hidden = !box || box.hidden;
  return {
    kind: figure.dataset.kind, hidden, paths: svg?.querySelectorAll('path').length ?? 0, name: box?.getAttribute('aria-label') ?? '',
    role: box?.getAttribute('role'), tables: figure.querySelectorAll('table').length,
    wide: svg ? svg.getBoundingClientRect().right - document.documentElement.clientWidth : 0,
  };
}));

for (const lang of ['ja', 'en']) {
  for (const width of [320, 360, 1000]) {
    const { context, page, said } = await open(lang, width);
    const seen = await drawn(page);
    const missing = seen.filter((one) => !one.hidden && (one.paths < 2 || one.name === '' || one.role !== 'img'));
    ok(`${lang} at ${width}: every picture is drawn and named`, missing.map((one) => JSON.stringify(one)));
    ok(`${lang} at ${width}: only a tree gives way to its table`, seen.filter((one) => one.hidden && !(one.kind === 'tree' && width < 500)).map((one) => one.kind));
    ok(`${lang} at ${width}: the table stays`, seen.filter((one) => one.tables !== 1).map((one) => one.kind));
    ok(`${lang} at ${width}: nothing sticks out`, seen.filter((one) => one.wide > 1).map((one) => `${one.kind} by ${one.wide}`));
    ok(`${lang} at ${width}: no complaint, of the policy or another`, said);
    if (process.env.SHOTS) {
      for (const kind of Object.keys(kinds)) {
        await page.locator(`figure[data-kind=${kind}]`).screenshot({ path: join(process.env.SHOTS, `${kind}-${lang}-${width}.png`) });
      }
    }
    if (width === 1000) {
      await page.evaluate(axe.source);
      const found = await page.evaluate(() => window.axe.run('main', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
      ok(`${lang}: axe-core finds nothing`, found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`));
      await page.setViewportSize({ width: 500, height: 900 });
      await page.waitForFunction(() => document.querySelector('.chart-picture svg').getBoundingClientRect().width < 500);
      ok(`${lang}: pictures follow the window`);
    }
    await context.close();
  }
}

const words = await open('ja', 1000);
const japanese = await words.page.evaluate(() => document.querySelector('[data-kind=fan] svg').textContent + document.querySelector('[data-kind=bar] .chart-picture').getAttribute('aria-label'));
ok('Japanese numbers and description in Japanese', ['兆', '2021 12 – 2023 14'].filter((word) => !japanese.includes(word)).map((word) => `no ${word} in ${japanese}`));
const told = await words.page.evaluate(() => [...document.querySelectorAll('[data-kind=stack] svg path[fill^="url"]')].length);
ok('stacked parts differ by more than colour', told > 0 ? [] : ['no decal']);
await words.context.close();

const without = await open('en', 1000, { javaScriptEnabled: false });
ok('without JavaScript the tables stand alone', await without.page.locator('figure.chart table:visible').count() === Object.keys(kinds).length ? [] : ['a table is not to be seen']);
await without.context.close();

const size = gzipSync(script, { level: 9 }).length;
console.log(`# the script weighs ${size} bytes compressed`);
ok(`the script stays under ${BUNDLE_BYTES} bytes compressed`, size > BUNDLE_BYTES ? [String(size)] : []);
await browser.close();
server.close();
done();
