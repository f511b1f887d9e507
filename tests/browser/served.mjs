// The real binary, filled with the community's pack, on a free port of this machine.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = process.env.ROOT ?? process.cwd();
const musubi = process.env.MUSUBI ?? join(root, 'build/musubi');
const gtb = join(root, 'data/gtb');

function run(...command) {
  const done = spawnSync(musubi, command, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

// An edition, and a record that changed since.
function freeze(folder, data) {
  const file = join(folder, 'change.json');
  writeFileSync(file, JSON.stringify({ author: 'tests', reason: 'to have something that changed', changes: [
    { register: 'hub', id: 'kawasaki', set: { note: { ja: '年次版の後に直した。', en: 'Corrected after the edition.' } } },
    { register: 'fact', id: 'population', set: { figure: { value: 40000000, qualifier: 'about', unit: 'persons' } } },
  ] }));
  run('edition', 'freeze', '2025', '--allow-gaps', '--data', data);
  const { change_set: number } = JSON.parse(run('--json', 'change', 'propose', file, '--data', data));
  run('change', 'accept', `${number}`, '--data', data);
}

// The pack of invented companies and indicators that tests/site/test_kpi.py knows the answers to.
export function indicators() {
  const pack = join(mkdtempSync(join(process.env.TEST_TMP ?? tmpdir(), 'indicators.')), 'pack');
  const made = spawnSync('python3', ['-c', 'import sys; sys.path.insert(0, "tests/site"); import test_kpi; test_kpi.invented().write(sys.argv[1])', pack],
    { cwd: root, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  return pack;
}

// `edition`: with one, and something that changed since.
export async function serve({ pack = gtb, options = [], edition = false } = {}) {
  const folder = mkdtempSync(join(process.env.TEST_TMP ?? tmpdir(), 'browser.'));
  const data = join(folder, 'data');
  const loaded = spawnSync(musubi, ['load', '--data', data, ...options, pack], { encoding: 'utf8' });
  if (loaded.status !== 0) throw new Error(loaded.stderr);
  if (edition) freeze(folder, data);
  if (process.env.PUBLISHED) return servePublished(folder, data);
  const server = spawn(musubi, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (chunk) => {
      said += chunk;
      const found = /http:\/\/\S*[^\s/]/.exec(said);
      if (found) resolve(found[0]);
    });
    server.on('exit', () => reject(new Error('the server ended')));
  });
  await indexed(url);
  const stop = () => new Promise((resolve) => {
    server.removeAllListeners('exit');
    server.on('exit', () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
    server.kill('SIGTERM');
  });
  return { url, folder, stop };
}

// The search index is made after the start; until then searches say so.
async function indexed(url) {
  for (let tries = 0; tries < 600; tries += 1) {
    const status = await new Promise((resolve) => {
      get(`${url}/api/v1/search?q=a`, (answer) => { answer.resume(); resolve(answer.statusCode); }).on('error', () => resolve(0));
    });
    if (status === 200) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error('the search index was not made within a minute');
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const answers = (url) => new Promise((resolve) => {
  get(url, (answer) => { answer.resume(); resolve(true); }).on('error', () => resolve(false));
});

// The same site as files, given by a plain nginx (PUBLISHED=1): nothing but a root, the types of files, gzip and a strict policy.
async function servePublished(folder, data) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const made = spawnSync(musubi, ['publish', '--data', data, '--out', join(folder, 'site'), '--url', url], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  mkdirSync(join(folder, 'nginx'));
  writeFileSync(join(folder, 'nginx.conf'), `
daemon off; master_process off; worker_processes 1; pid ${folder}/nginx/pid; error_log ${folder}/nginx/error.log;
events {}
http {
  include /etc/nginx/mime.types; access_log off; gzip on; gzip_types text/css text/javascript application/javascript image/svg+xml;
  client_body_temp_path ${folder}/nginx/body; proxy_temp_path ${folder}/nginx/proxy; fastcgi_temp_path ${folder}/nginx/fastcgi;
  uwsgi_temp_path ${folder}/nginx/uwsgi; scgi_temp_path ${folder}/nginx/scgi;
  charset utf-8;
  server {
    listen 127.0.0.1:${port}; root ${folder}/site;
    add_header Content-Security-Policy "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  }
}
`);
  const server = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'nginx/error.log')], { stdio: 'ignore' });
  for (let i = 0; i < 100 && !(await answers(url)); i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  const stop = () => new Promise((resolve) => {
    server.on('exit', () => { rmSync(folder, { recursive: true, force: true }); resolve(); });
    server.kill('SIGTERM');
  });
  return { url, folder, stop };
}
