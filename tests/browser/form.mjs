// The enquiry form in a real browser, without scripts of its own, in both languages and on a small screen: sent empty, mended,
// sent again; axe-core on every page on the way.
import { chromium } from 'playwright-core';
import axe from 'axe-core';
import { ok, done } from './tap.mjs';
import { serve } from './served.mjs';

process.env.MUSUBI_FORM_LEAST_MS = '0';
const site = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const shots = process.env.SHOTS; // a folder for pictures, to look at

async function violations(page) {
  await page.evaluate(axe.source);
  const result = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
}

const sideways = (page) =>
  page.evaluate(() => (document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['scrolls sideways'] : []));

async function look(page, what) {
  if (shots) await page.screenshot({ path: `${shots}/${what.replaceAll(' ', '-')}.png`, fullPage: true });
  ok(`${what}: axe finds nothing`, await violations(page));
  ok(`${what}: fits`, await sideways(page));
}

for (const lang of ['ja', 'en']) {
  const page = await browser.newPage({ viewport: { width: lang === 'ja' ? 320 : 1280, height: 800 } });
  await page.goto(`${site.url}/${lang}/contact?about=organisation/utokyo`);
  await look(page, `${lang} form`);
  const trap = page.locator('#contact-website');
  ok(`${lang}: nobody meets the field for robots`, (await trap.isVisible()) ? ['it is seen'] : []);
  await page.fill('#contact-name', 'Jane <b>Doe</b>');
  await page.click('form.contact button');
  await look(page, `${lang} form with mistakes`);
  ok(`${lang}: what was typed stays`, (await page.inputValue('#contact-name')) === 'Jane <b>Doe</b>' ? [] : ['it is gone']);
  await page.click('#wrong a[href="#contact-email"]');
  const focused = await page.evaluate(() => document.activeElement?.id ?? '');
  ok(`${lang}: a mistake leads to its field`, focused === 'contact-email' ? [] : [focused]);
  await page.keyboard.type('jane@example.org');
  await page.selectOption('#contact-topic', 'partner');
  await page.fill('#contact-message', 'Hello\nthere');
  await page.check('#contact-consent');
  await page.click('form.contact button');
  ok(`${lang}: it arrived`, /\/contact\/received\?number=\d{4}-\d{5}&/.test(page.url()) ? [] : [page.url()]);
  await look(page, `${lang} received`);
  await page.close();
}

await browser.close();
await site.stop();
done();
