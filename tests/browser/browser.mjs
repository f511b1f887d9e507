// Every kind of page in both languages in a real Chromium: axe-core, reflow, keyboard, no request elsewhere, weight.
import { chromium } from 'playwright-core';
import axe from 'axe-core';
import { ok, skip, done } from './tap.mjs';
import { indicators, serve } from './served.mjs';
import { computed, languages, pages } from './pages.mjs';

const FIRST_PAGE_BYTES = 60 * 1024;
const TABS_MAX = 1500;
const PRESSES_AT_ONCE = 100;

const site = await serve({ edition: true });
const companies = Object.keys(computed).length ? await serve({ pack: indicators(), options: ['--sample'] }) : undefined;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

async function open(width, height, scale = 1, options = {}) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, ...options });
  const page = await context.newPage();
  const elsewhere = [];
  page.on('request', (request) => {
    const ours = [site, companies].some((one) => one && request.url().startsWith(one.url + '/'));
    if (!ours && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });
  return { context, page, elsewhere };
}

async function violations(page, rules = {}) {
  await page.evaluate(axe.source);
  const result = await page.evaluate((chosen) => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'], rules: chosen,
  }), rules);
  return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
}

// What sticks out sideways: the page must not scroll in two directions.
function sticking(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('main *, header *, footer *')]
      .filter((e) => e.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((e) => `${e.tagName}.${e.getAttribute('class') ?? ''} reaches ${Math.round(e.getBoundingClientRect().right)} of ${width}`)
      .concat('the page scrolls sideways');
  });
}

// A press is not waited for before the next one: the browser takes them in order, and need not draw a frame for each.
async function pressTab(page, times) {
  const client = await page.context().newCDPSession(page);
  const tab = { type: 'rawKeyDown', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
  for (let left = times; left > 0; left -= PRESSES_AT_ONCE) {
    const presses = Array.from({ length: Math.min(left, PRESSES_AT_ONCE) }, () => client.send('Input.dispatchKeyEvent', tab));
    await Promise.all(presses);
  }
  await client.detach();
}

// Tab from the beginning reaches everything that can be used, and each shows that it has the focus.
async function keyboard(page) {
  const wanted = await page.evaluate(() => {
    // What lies in a closed <details> cannot be reached, its own <summary> can.
    const around = (e) => (e.closest('summary') ? e.closest('summary').parentElement.parentElement : e);
    const seen = (e) => e.getClientRects().length > 0 && !around(e).closest('details:not([open])');
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, textarea')]
      .filter(seen).filter((e) => e.tabIndex >= 0 && !e.disabled);
    const reached = new Set();
    const unseen = [];
    document.addEventListener('focusin', ({ target }) => {
      const own = getComputedStyle(target);
      const mark = target.querySelector('circle'); // on the map the marker itself changes
      const outlined = own.outlineStyle !== 'none' && parseFloat(own.outlineWidth) >= 2;
      reached.add(target);
      if (!outlined && !(mark && getComputedStyle(mark).stroke === 'rgb(0, 0, 0)')) unseen.push(target.textContent.trim().slice(0, 40));
    });
    window.keyboardTest = () => ({ missed: all.filter((e) => !reached.has(e)).map((e) => e.outerHTML.slice(0, 80)), unseen });
    return all.length;
  });
  // Boxes that scroll are stops of their own, without being links; after the last stop it begins again.
  await pressTab(page, wanted > TABS_MAX ? TABS_MAX : wanted + 40);
  const { missed, unseen } = await page.evaluate(() => window.keyboardTest());
  return unseen.map((text) => `focus does not show on "${text}"`)
    .concat(wanted > TABS_MAX ? [] : missed.map((tag) => `the Tab key did not reach ${tag}`));
}

// The same three windows for all pages of a language: a desktop, a small phone, and a desktop enlarged to 400 % (1280 by 900
// is 320 by 225).
const openWindows = async () => ({ wide: await open(1280, 900), narrow: await open(320, 640), zoomed: await open(320, 225, 4) });

async function tryPage({ wide, narrow, zoomed }, name, lang, path, url = site.url) {
  for (const one of [wide, narrow, zoomed]) {
    one.elsewhere.length = 0;
    await one.page.goto(`${url}/${lang}/${path}`);
  }
  ok(`${name} in ${lang}: axe-core finds nothing`, await violations(wide.page));
  ok(`${name} in ${lang}: the keyboard reaches everything, visibly`, await keyboard(wide.page));
  // Colours are the same in a narrow window, but for the folded menu, which is the home page's too.
  const narrowRules = { 'color-contrast': { enabled: name === 'home' } };
  ok(`${name} in ${lang}: nothing sticks out at 320 px`,
    (await sticking(narrow.page)).concat(await violations(narrow.page, narrowRules)));
  ok(`${name} in ${lang}: nothing sticks out at 400 %`, await sticking(zoomed.page));
  ok(`${name} in ${lang}: no request leaves the host`, [...wide.elsewhere, ...narrow.elsewhere, ...zoomed.elsewhere]);
}

// A meeting's papers are handed out on paper: A4 whatever the browser's own setting is, and nothing beyond the printed width.
async function tryPaper(lang, path) {
  const { context, page } = await open(673, 1000); // 210 mm less the margins of 16 mm
  await page.goto(`${site.url}/${lang}/${path}`);
  await page.emulateMedia({ media: 'print' });
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const sizes = [...new Set([...pdf.matchAll(/\/MediaBox ?\[([^\]]*)\]/g)].map((m) => m[1].trim().split(/\s+/).map(Number).map(Math.round).join(' ')))];
  ok(`papers in ${lang}: every page is A4`, sizes.length === 1 && sizes[0] === '0 0 595 842' ? [] : sizes.concat(['no other size is wanted']));
  ok(`papers in ${lang}: nothing is cut in print`, await sticking(page));
  await context.close();
}

// Text spaced as WCAG 1.4.12 wants must still be there whole.
async function trySpacing(lang) {
  const { context, page } = await open(320, 640);
  await page.goto(`${site.url}/${lang}/`);
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }');
    document.adoptedStyleSheets = [sheet];
  });
  ok(`home in ${lang}: widely spaced text fits`, await sticking(page));
  await context.close();
}

async function tryWeight(lang) {
  const { context, page } = await open(1280, 900);
  const client = await context.newCDPSession(page);
  let bytes = 0;
  await client.send('Network.enable');
  client.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await page.goto(`${site.url}/${lang}/`, { waitUntil: 'networkidle' });
  console.log(`# the first page in ${lang} weighs ${bytes} bytes`);
  ok(`home in ${lang}: under 60 KB over the wire`, bytes > 0 && bytes < FIRST_PAGE_BYTES ? [] : [`${bytes} bytes`]);
  await context.close();
}

// The switch leads to the same page in the other language, and back.
async function trySwitch(path, end = '') {
  const { context, page } = await open(1280, 900);
  await page.goto(`${site.url}/en/${path}`);
  await page.click('.languages a');
  const there = page.url();
  await page.click('.languages a');
  ok(`the language switch stays on /${path}`,
    there === `${site.url}/ja/${path}${end}` && page.url() === `${site.url}/en/${path}${end}` ? [] : [there, page.url()]);
  await context.close();
}

// Files answer no form but that of their own search, nor a button of a form that is not there.
async function tryFormsGone() {
  const { context, page } = await open(1280, 900);
  for (const path of ['organisation', 'map', 'compare', 'value-chain']) {
    await page.goto(`${site.url}/en/${path}/`);
    const left = await page.evaluate(() => [...document.querySelectorAll('form:not(.site-search), button[form]')]
      .map((e) => e.outerHTML.slice(0, 80)));
    ok(`published /${path} asks nothing that files cannot answer`, left);
  }
  await context.close();
}

// Nobody draws another view of a published map: keys and the wheel leave it as it is, and no script fails.
async function tryPublishedMap() {
  const { context, page } = await open(1280, 900);
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${site.url}/en/map/`);
  const drawn = () => page.evaluate(() => document.querySelector('#map-stage svg').getAttribute('viewBox'));
  const was = await drawn();
  const offered = await page.evaluate(() => document.querySelector('#map-stage').tabIndex >= 0);
  await page.evaluate(() => document.querySelector('#map-stage')
    .dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true, cancelable: true })));
  await page.waitForTimeout(500); // longer than the script waits before it asks
  if (await drawn() !== was) problems.push('the map moved');
  if (offered) problems.push('the map offers to be moved');
  ok('the published map does not offer what only a server can draw', problems);
  await context.close();
}

async function tryWithoutScript() {
  const { context, page } = await open(1280, 900, 1, { javaScriptEnabled: false });
  await page.goto(`${site.url}/en/organisation`);
  // By the keyboard: a click waits for frames in which nothing moves, and a page without script may draw none.
  await page.focus('summary');
  await page.keyboard.press('Enter');
  await page.selectOption('select[name=sector]', 'finance');
  await page.focus('main form button');
  await page.keyboard.press('Enter');
  await page.waitForURL(/sector=finance/);
  await page.waitForLoadState('load');
  const count = await page.locator('.records > li').count();
  ok('a list is narrowed without JavaScript', count === 2 ? [] : [`${count} records`]);
  await context.close();
}

try {
  // Both languages at once, each in processes of its own.
  await Promise.all(languages.map(async (lang) => {
    const windows = await openWindows();
    for (const [name, path] of Object.entries(pages)) await tryPage(windows, name, lang, path);
    for (const [name, path] of Object.entries(computed)) await tryPage(windows, name, lang, path, companies.url);
  }));
  for (const lang of languages) {
    await trySpacing(lang);
    await tryWeight(lang);
    if (pages['papers of a meeting']) await tryPaper(lang, pages['papers of a meeting']);
  }
  await trySwitch('');
  if (process.env.PUBLISHED) {
    // A file's address ends with "/", and what a query asks of the live site is a file of its own.
    for (const path of ['hub/kawasaki', 'value-chain/-/domain/bs2020-6', 'about/organisation']) await trySwitch(path, '/');
    for (const path of ['organisation?sector=finance', 'about/organisation?on=2022']) {
      skip(`the language switch stays on /${path}`, 'files answer no query');
    }
    skip('a list is narrowed without JavaScript', 'files answer no query');
    await tryFormsGone();
    await tryPublishedMap();
  } else {
    for (const path of ['hub/kawasaki', 'organisation?sector=finance', 'about/organisation?on=2022']) await trySwitch(path);
    await tryWithoutScript();
  }
} finally {
  await browser.close();
  await site.stop();
  await companies?.stop();
}
done();
