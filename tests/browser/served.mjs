// The real binary, filled with the community's pack, on a free port of this machine.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = process.env.ROOT ?? process.cwd();
const musubi = process.env.MUSUBI ?? join(root, 'build/musubi');

export async function serve(pack = join(root, 'data/gtb')) {
  const folder = mkdtempSync(join(process.env.TEST_TMP ?? tmpdir(), 'browser.'));
  const data = join(folder, 'data');
  const loaded = spawnSync(musubi, ['load', '--data', data, pack], { encoding: 'utf8' });
  if (loaded.status !== 0) throw new Error(loaded.stderr);
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
