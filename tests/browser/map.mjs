// The map in a real browser: without scripts, with mouse, wheel, keys and fingers; the address keeps the view and the filters.
import { chromium } from 'playwright-core';
import { ok, done } from './tap.mjs';
import { serve } from './served.mjs';

const site = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const view = (page) => new URL(page.url()).searchParams.get('view') ?? '';
const zoom = (page) => Number(view(page).split(',')[2] ?? 0);
const problem = (wrong, text) => (wrong ? [text] : []);

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(site.url + path);
  return { context, page, errors };
}

// Without script: by the keyboard, since a click waits for frames in which nothing moves, and such a page may draw none.
async function press(page, button) {
  await page.focus(button);
  await page.keyboard.press('Enter');
}

async function changed(page, act) {
  const was = page.url();
  await act();
  try {
    await page.waitForURL((url) => url.href !== was, { timeout: 15000 });
    await page.waitForLoadState('load');
    await page.waitForSelector('#map-part:not([aria-busy])');
    return [];
  } catch {
    return ['the address stayed ' + was];
  }
}

{
  const { context, page } = await open('/en/map?layer=facility&layer=hub&kind=facility:cdmo', { javaScriptEnabled: false });
  ok('without script: closer', await changed(page, () => press(page, '#map-view button[title="Zoom in"]')));
  ok('without script: the filter stays', problem(new URL(page.url()).searchParams.get('kind') !== 'facility:cdmo' || zoom(page) !== 1, page.url()));
  ok('without script: east', await changed(page, () => press(page, '#map-view button[title="East"]')));
  await page.selectOption('#m-kind', '');
  const before = view(page);
  await press(page, '.map-filters button[type=submit]');
  await page.waitForLoadState('load');
  ok('without script: filtering keeps the view', problem(view(page) !== before, `${before} became ${view(page)}`));
  await context.close();
}
{
  const { context, page, errors } = await open('/en/map');
  const stage = '#map-stage';
  await page.focus(stage);
  ok('keys: closer', await changed(page, () => page.keyboard.press('+')));
  ok('keys: the focus stays', problem(await page.evaluate(() => document.activeElement?.id) !== 'map-stage', 'lost'));
  const [lat] = view(page).split(',').map(Number);
  ok('keys: north', await changed(page, () => page.keyboard.press('ArrowUp')));
  ok('keys: it is north', problem(Number(view(page).split(',')[0]) <= lat, view(page)));
  const box = await page.locator(stage).boundingBox();
  const [, lon] = view(page).split(',').map(Number);
  ok('mouse: dragged', await changed(page, async () => {
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 120, box.y + 60, { steps: 6 });
    await page.mouse.up();
  }));
  ok('mouse: to the west of the hand is the east of the map', problem(Number(view(page).split(',')[1]) <= lon, view(page)));
  const level = zoom(page);
  ok('wheel: closer', await changed(page, () => page.mouse.wheel(0, -120)));
  ok('wheel: by one', problem(zoom(page) !== level + 1, `${level} to ${zoom(page)}`));
  ok('whole', await changed(page, () => page.click('#map-view button[title="The whole region"]')));
  ok('whole: as in the beginning', problem(view(page) !== '', view(page)));
  ok('no script failed', errors);
  await context.close();
}
{
  const { context, page, errors } = await open('/ja/map', { hasTouch: true, viewport: { width: 360, height: 780 } });
  await page.locator('#map-stage').scrollIntoViewIfNeeded();
  const box = await page.locator('#map-stage').boundingBox();
  const client = await context.newCDPSession(page);
  const touch = (type, points) => client.send('Input.dispatchTouchEvent', {
    type, touchPoints: points.map(([x, y], id) => ({ x: box.x + x, y: box.y + y, id })) });
  await page.focus('#map-stage');
  ok('fingers: pinched open', await changed(page, async () => {
    await touch('touchStart', [[140, 150], [180, 150]]);
    for (let i = 1; i <= 8; i++) await touch('touchMove', [[140 - 8 * i, 150], [180 + 8 * i, 150]]);
    await touch('touchEnd', []);
  }));
  ok('fingers: it is closer', problem(zoom(page) < 1, view(page)));
  ok('fingers: no script failed', errors);
  await context.close();
}
await browser.close();
await site.stop();
done();
