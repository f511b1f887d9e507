// A crawler over the whole site in both languages: from the front page and the sitemaps, every link on every page leads
// somewhere, every fragment is there. Links into the past (rel="nofollow") and downloads are asked for, not followed.
import http from 'node:http';
import { ok, done } from './tap.mjs';
import { serve } from './served.mjs';

const AT_ONCE = 8;
const PAGES_MAX = 30000;
// With a query these lead to ever more combinations of what can be asked: such links are asked for, not followed.
const COMBINING = /^\/[a-z]{2}\/(search|map|compare|value-chain)\?/;

const site = await serve();
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

function get(path) {
  return new Promise((resolve, reject) => {
    http.get(site.url + path, { agent }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({
        status: answer.statusCode,
        type: answer.headers['content-type'] ?? '',
        location: answer.headers.location,
        body: Buffer.concat(parts).toString('utf8'),
      }));
    }).on('error', reject);
  });
}

const plain = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
const seen = new Set(); // paths asked for or waiting
const waiting = [];
const broken = [];
const fragments = []; // {from, path, id}
const ids = new Map(); // path → Set of ids
let asked = 0;

function want(from, href, follow) {
  const url = new URL(plain(href), site.url + from);
  if (!url.href.startsWith(site.url + '/')) return;
  const path = url.pathname + url.search;
  if (url.hash.length > 1) fragments.push({ from, path, id: decodeURIComponent(url.hash.slice(1)) });
  // Feeds, spreadsheets and the like are many and the same for each register: one language of each is enough.
  if (seen.has(path) || (url.pathname.startsWith('/api/') && url.searchParams.get('lang') === 'ja')) return;
  seen.add(path);
  waiting.push({ from, path, follow: follow && !COMBINING.test(path) });
}

function read(path, body) {
  ids.set(path, new Set([...body.matchAll(/ id="([^"]*)"/g)].map((m) => m[1])));
  for (const [tag] of body.matchAll(/<(?:a|link|img)\b[^>]*>/g)) {
    const href = / (?:href|src)="([^"]*)"/.exec(tag)?.[1];
    const follow = !/ rel="[^"]*nofollow/.test(tag);
    if (href !== undefined) want(path, href, follow);
  }
}

async function visit({ from, path, follow }) {
  const answer = await get(path);
  asked += 1;
  if ([301, 302, 308].includes(answer.status)) {
    want(path, answer.location, follow);
  } else if (answer.status !== 200) {
    broken.push(`${answer.status} ${path} from ${from}`);
  } else if (/\.(xlsx|zip|csv)$/.test(new URL(path, site.url).pathname) && answer.type.startsWith('text/html')) {
    broken.push(`${path} from ${from} is given as a page`);
  } else if (answer.type.startsWith('text/html') && follow && !path.includes('as_of=')) {
    read(path, answer.body);
  } else if (answer.type.startsWith('application/xml')) {
    for (const [, address] of answer.body.matchAll(/<loc>([^<]*)<\/loc>/g)) want(path, address, true);
  }
}

async function work() {
  while (waiting.length > 0 && asked < PAGES_MAX) await visit(waiting.pop());
}

try {
  want('/', '/', true);
  want('/', '/sitemap.xml', true);
  while (waiting.length > 0 && asked < PAGES_MAX) await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`# ${asked} addresses asked for, ${ids.size} pages read`);
  ok('no link leads nowhere', broken);
  ok('every fragment is there',
    fragments.filter((f) => ids.has(f.path) && !ids.get(f.path).has(f.id)).map((f) => `${f.path}#${f.id} from ${f.from}`));
  ok('the crawler came to an end', waiting.length === 0 ? [] : [`${waiting.length} addresses were still waiting`]);
  const both = [...ids.keys()].filter((path) => path.startsWith('/ja/')).length * 2;
  ok('thousands of pages in two languages were read', ids.size > 3000 && both > 3000 ? [] : [`${ids.size} pages`]);
} finally {
  agent.destroy();
  await site.stop();
}
done();
