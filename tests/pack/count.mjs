#!/usr/bin/env node
// How many rows the files of a pack have that break no line inside a cell: count.mjs PACK-FOLDER
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const { resources } = JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8'));
const rows = (path) => readFileSync(join(folder, path), 'utf8').trimEnd().split('\n').length - 1;
console.log(resources.reduce((sum, resource) => sum + rows(resource.path), 0));
