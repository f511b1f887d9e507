// The search over titles of a site that was published as files: in a real Chromium, in both languages.
import { chromium } from 'playwright-core';
import { ok, done } from './tap.mjs';
import { serve } from './served.mjs';

const site = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

async function find(lang, words) {
  const page = await browser.newPage();
  const refused = [];
  page.on('console', (message) => { if (message.type() === 'error') refused.push(message.text()); });
  await page.goto(`${site.url}/${lang}/`);
  await page.fill('#site-q', words);
  await page.press('#site-q', 'Enter');
  await page.waitForFunction(() => document.querySelector('#titles ol li') || document.querySelector('#titles [role=status]').textContent);
  const hits = await page.$$eval('#titles ol li a', (links) => links.map((a) => ({ text: a.textContent, href: a.getAttribute('href') })));
  const status = await page.textContent('#titles [role=status]');
  await page.close();
  return { hits, status, refused };
}

try {
  const english = await find('en', 'kawasaki');
  ok('an English word finds a hub', english.hits.some((hit) => hit.href === '/en/hub/kawasaki/') ? [] : [JSON.stringify(english)]);
  ok('nothing is refused by the policy', english.refused);
  const japanese = await find('ja', '川崎');
  ok('a Japanese word finds it too', japanese.hits.some((hit) => hit.href === '/ja/hub/kawasaki/') ? [] : [JSON.stringify(japanese)]);
  const across = await find('en', '川崎');
  ok('a Japanese word finds it on the English page', across.hits.some((hit) => hit.href === '/en/hub/kawasaki/') ? [] : [JSON.stringify(across)]);
  const nothing = await find('en', 'zzqqxx');
  ok('what is not there is said', nothing.hits.length === 0 && nothing.status.length > 0 ? [] : [JSON.stringify(nothing)]);
} finally {
  await browser.close();
  await site.stop();
}
done();
