#!/usr/bin/env node
// Prints the rows of a pack that could be taken for real: invented.mjs PACK-FOLDER
// An invented record has an id that begins with sample-, says in each language it is told in that it is invented, and names
// no page, mail address or number that might be somebody's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const { resources } = JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8'));
const japanese = /[\u3040-\u30FF\u3400-\u9FFF]/;
const english = /(^|[,"])[A-Z][a-z’-]+ [^,]*[a-z]/;

for (const { path } of resources) {
  const [header, ...rows] = readFileSync(join(folder, path), 'utf8').trimEnd().split('\n');
  for (const column of header.split(','))
    if (/^(website|url|(?!licence).*_url|email|patents|corporate_number|ror|address_..)$/.test(column))
      console.log(`${path}: has a column ${column}`);
  for (const row of rows) {
    const told = row.replace(/"?\[\{.*\}\]"?$/, '');
    if (!row.startsWith('sample-')) console.log(`${path}: ${row.slice(0, 60)}`);
    if (japanese.test(told) && !told.includes('架空')) console.log(`${path}: not said in Japanese: ${row.slice(0, 60)}`);
    if (english.test(told) && !/invented/i.test(told)) console.log(`${path}: not said in English: ${row.slice(0, 60)}`);
  }
}
