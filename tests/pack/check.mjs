#!/usr/bin/env node
// Judges a pack by itself, without the engine: check.mjs MODEL-FOLDER PACK-FOLDER [--crlf] [--one-language=REGISTER,…]
// (--crlf: its lines end in CRLF, as RFC 4180 and exports have it. --one-language: records of these registers may be told
// in one language, if they are told in it throughout.)
// One TAP line a rule, findings as comments. What the rules are is said where `rule` is called.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [modelFolder, packFolder, ...options] = process.argv.slice(2);
const lineEnds = options.find((option) => option === '--crlf');
const toldInOne = new Set(
  (options.find((option) => option.startsWith('--one-language='))?.split('=')[1] ?? '').split(','),
);
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

// ---- findings ----

const rules = new Map();
const FINDINGS_SHOWN = 40;
function rule(name) {
  if (!rules.has(name)) rules.set(name, []);
  return (where, what) => rules.get(name).push(`${where}: ${what}`);
}

// ---- the model ----

const registers = new Map();
const vocabularies = new Map();
for (const file of readdirSync(modelFolder)) {
  if (file.endsWith('.json')) registers.set(file.slice(0, -5), json(join(modelFolder, file)));
}
for (const file of readdirSync(join(modelFolder, 'vocabulary'))) {
  vocabularies.set(file.slice(0, -5), json(join(modelFolder, 'vocabulary', file)));
}

const spell = (text) => text.normalize('NFKC').toLowerCase();
const spellings = new Map();
for (const [name, vocabulary] of vocabularies) {
  const wrong = rule('a spelling belongs to one term of its vocabulary');
  const codes = new Set(vocabulary.terms.map((term) => term.code));
  const owners = new Map();
  for (const term of vocabulary.terms) {
    for (const word of [term.code, term.ja, term.en, ...(term.also ?? [])]) {
      const other = owners.get(spell(word));
      if (other && other !== term.code) wrong(name, `“${word}” means ${other} and ${term.code}`);
      owners.set(spell(word), term.code);
    }
    if (!term.ja || !term.en) rule('every term has both languages')(name, term.code);
    if (term.broader && !codes.has(term.broader)) wrong(name, `no broader term ${term.broader}`);
  }
  spellings.set(name, owners);
}

const COMMON = ['id', 'owner', 'visibility', 'from', 'to', 'attested_on', 'sources'];
const FIGURE_PARTS = ['low', 'high', 'qualifier', 'estimated', 'unit', 'currency', 'period', 'precision'];

// Column name -> {field, part} for every column that a register can have.
function columnsOf(register) {
  const columns = new Map(COMMON.map((name) => [name, { part: name }]));
  for (const field of register.fields) {
    const put = (name, part) => columns.set(name, { field, part });
    if (field.bilingual) {
      put(`${field.name}_ja`, 'ja');
      put(`${field.name}_en`, 'en');
    } else if (field.type === 'geopoint') {
      for (const part of ['lat', 'lon', 'approximate']) put(`${field.name}_${part}`, part);
    } else {
      put(field.name, 'whole');
      if (field.figure) for (const part of FIGURE_PARTS) put(`${field.name}_${part}`, part);
    }
  }
  return columns;
}

// ---- the files ----

// Rows of cells, as RFC 4180 says; the caller has made sure that lines end in LF.
function parseCsv(text) {
  const rows = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"') {
      quoted = true;
    } else if (c === ',' || c === '\n') {
      rows.at(-1).push(cell);
      cell = '';
      if (c === '\n') rows.push([]);
    } else {
      cell += c;
    }
  }
  rows.pop();
  return rows;
}

const descriptor = json(join(packFolder, 'datapackage.json'));

function checkDescriptor() {
  const wrong = rule('datapackage.json is valid by the official Data Package 2.0 profile');
  const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: true, logger: false });
  addFormats(ajv);
  const validate = ajv.compile(json(join(here, 'profile', 'datapackage.json')));
  if (!validate(descriptor)) {
    for (const error of validate.errors)
      wrong(error.instancePath || '/', `${error.message} ${JSON.stringify(error.params)}`);
  }
  if (descriptor.$schema !== 'https://datapackage.org/profiles/2.0/datapackage.json') wrong('/$schema', 'not 2.0');
  const names = descriptor.resources.map((resource) => resource.name);
  for (const name of names) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) wrong('resources', `two named ${name}`);
  }
  const files = rule('every CSV file belongs to a resource');
  const paths = new Set(descriptor.resources.map((resource) => resource.path));
  for (const file of readdirSync(packFolder)) {
    if (file.endsWith('.csv') && !paths.has(file)) files(file, 'no resource has this path');
  }
}

// All records: register -> id -> {where, resource, cell(column)}
const records = new Map([...registers.keys()].map((name) => [name, new Map()]));

function loadResource(resource) {
  const wrong = rule('files are plain UTF-8 with LF, and every row has the columns of the schema');
  const name = resource['musubi:register'] ?? resource.name;
  const register = registers.get(name);
  const path = join(packFolder, resource.path);
  if (!register) return wrong(resource.path, `no register ${name}`);
  if (!existsSync(path)) return wrong(resource.path, 'is not there');
  const bytes = readFileSync(path, 'utf8');
  const text = lineEnds === '--crlf' ? bytes.replaceAll('\r\n', '\n') : bytes;
  if (text.startsWith('\uFEFF') || text.includes('\r') || text.includes('\uFFFD'))
    wrong(resource.path, 'not plain UTF-8 with LF');
  if (!text.endsWith('\n')) wrong(resource.path, 'no line break at the end');
  const [header, ...rows] = parseCsv(text);
  const inSchema = resource.schema.fields.map((field) => field.name);
  if (header.join() !== inSchema.join()) wrong(resource.path, `columns are not those of the schema: ${header.join()}`);
  const known = columnsOf(register);
  for (const column of [...header, ...Object.keys(resource['musubi:defaults'] ?? {})]) {
    if (!known.has(column)) wrong(resource.path, `the register ${name} has no column ${column}`);
  }
  rows.forEach((cells, index) => {
    const where = `${resource.path}:${index + 2}`;
    if (cells.length !== header.length) return wrong(where, `${cells.length} cells, not ${header.length}`);
    const values = { ...(resource['musubi:defaults'] ?? {}) };
    header.forEach((column, i) => (values[column] = cells[i]));
    for (const [column, value] of Object.entries(values)) {
      if (value !== value.trim() || value !== value.normalize('NFC'))
        wrong(`${where}:${column}`, 'white space at an end, or not NFC');
    }
    const id = values.id ?? '';
    const ids = rule('ids are well-formed and used once in a register');
    if (!/^[a-z0-9][a-z0-9.-]{0,79}$/.test(id)) ids(where, `“${id}”`);
    if (records.get(name).has(id)) ids(where, `${id} stands at ${records.get(name).get(id).where} too`);
    records.get(name).set(id, { where: `${where} (${id})`, register, cell: (column) => values[column] ?? '' });
  });
}

// ---- the rules for records ----

const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const PERIOD = /^(FY\d{4}|\d{4}(-\d{2}){0,2}(\/\d{4}(-\d{2}){0,2})?)$/;
const oneLanguage = new Set(
  readFileSync(join(here, 'one-language.txt'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#')),
);

function checkText(record, name, field) {
  const ja = record.cell(`${field.name}_ja`);
  const en = record.cell(`${field.name}_en`);
  if (!ja !== !en && !oneLanguage.has(`${name}.${field.name}`) && !toldInOne.has(name)) {
    rule('texts are there in both languages')(record.where, `${field.name} only in ${ja ? 'Japanese' : 'English'}`);
  }
  const words = ja.split(' ').length;
  if (ja !== en && words > 2 && !/[\u3040-\u30FF\u3400-\u9FFF]/.test(ja)) {
    rule('texts are there in both languages')(record.where, `${field.name}_ja is not Japanese: ${ja}`);
  }
  return [ja, en].filter(Boolean);
}

function checkCode(record, field, code) {
  if (!vocabularies.get(field.vocabulary)?.terms.some((term) => term.code === code)) {
    rule('codes are in their vocabulary')(record.where, `${field.name}: ${code} is not in ${field.vocabulary}`);
  }
}

function checkReference(record, field, id) {
  const wrong = rule('references point at a record');
  if (id.includes('|')) {
    if (!field.party) wrong(record.where, `${field.name}: a name where only an id may stand: ${id}`);
  } else if (!records.get(field.reference)?.has(id)) {
    wrong(record.where, `${field.name}: no ${field.reference} ${id}`);
  }
}

function checkNumber(record, field, value, wrong) {
  const { minimum, maximum } = field.constraints ?? {};
  if (!/^-?\d+(\.\d+)?$/.test(value) || (field.type === 'integer' && value.includes('.')))
    wrong(`${value} is no ${field.type}`);
  if (minimum !== undefined && Number(value) < minimum) wrong(`${value} is below ${minimum}`);
  if (maximum !== undefined && Number(value) > maximum) wrong(`${value} is above ${maximum}`);
}

function checkFigure(record, field) {
  const wrong = (what) => rule('figures are whole')(record.where, `${field.name}: ${what}`);
  const part = (suffix) => record.cell(field.name + (suffix ? `_${suffix}` : ''));
  const numbers = [part(''), part('low'), part('high')];
  const [value, low, high] = numbers;
  const given = numbers.filter(Boolean);
  if (given.length === 0) {
    if (FIGURE_PARTS.some(part)) wrong('its parts are there but no number');
    return [];
  }
  for (const number of given) checkNumber(record, field, number, wrong);
  if (value ? low || high : !low || !high) wrong('either one value, or low and high');
  if (low && Number(low) > Number(high)) wrong('low is above high');
  const unit = part('unit') || field.unit;
  const currency = part('currency') || field.currency;
  if (!unit && !currency) wrong('neither unit nor currency');
  if (unit && !spellings.get('unit').has(spell(unit))) wrong(`no unit ${unit}`);
  if (field.unit && unit !== field.unit) wrong(`${unit}, but this field’s figures are in ${field.unit}`);
  if (currency && !/^[A-Z]{3}$/.test(currency)) wrong(`no currency ${currency}`);
  if (currency === 'JPY' && given.some((number) => number.includes('.'))) wrong('yen are whole');
  if (part('qualifier') && !['exact', 'about', 'at-least', 'at-most'].includes(part('qualifier')))
    wrong('no such qualifier');
  if (part('period') && !PERIOD.test(part('period'))) wrong(`no period: ${part('period')}`);
  const precision = Number(part('precision'));
  for (const number of part('precision') ? given : []) {
    const digits = Number(number) / 10 ** precision;
    if (Math.abs(digits - Math.round(digits)) > 1e-6) wrong(`${number} is finer than its precision ${precision}`);
  }
  return given;
}

function checkPlace(record, field) {
  const [lat, lon] = [record.cell(`${field.name}_lat`), record.cell(`${field.name}_lon`)];
  if (!lat !== !lon || Math.abs(Number(lat)) > 90 || Math.abs(Number(lon)) > 180) {
    rule('positions have latitude and longitude')(record.where, `${lat}, ${lon}`);
  }
  return lat ? [lat] : [];
}

// The cells that fill a field, after checking each.
function checkField(record, name, field) {
  if (field.figure) return checkFigure(record, field);
  if (field.type === 'geopoint') return checkPlace(record, field);
  const wrong = (what) =>
    rule('values have their field’s type and keep its limits')(record.where, `${field.name}: ${what}`);
  const cell = record.cell(field.name);
  const whole = field.bilingual ? checkText(record, name, field) : cell ? [cell] : [];
  const entries = field.type === 'list' ? whole.flatMap((text) => text.split(';')) : whole;
  const limits = field.constraints ?? {};
  for (const value of entries) {
    if (value === '') wrong('an empty entry');
    if (field.vocabulary) checkCode(record, field, value);
    else if (field.reference) checkReference(record, field, value);
    else if (field.type === 'integer' || field.type === 'number') checkNumber(record, field, value, wrong);
    else if (field.type === 'boolean' && !['true', 'false'].includes(value)) wrong(`${value} is not true or false`);
    else if (field.type === 'date' && !DATE.test(value)) wrong(`${value} is no date`);
    else if (field.format === 'uri' && !/^https?:\/\/[^\s]+$/.test(value)) wrong(`${value} is no address`);
    if (value.length > (limits.maxLength ?? (field.markdown ? 20000 : 1000))) wrong(`${value.length} characters`);
    if (limits.pattern && !new RegExp(`^(?:${limits.pattern})$`, 'u').test(value))
      wrong(`${value} does not match ${limits.pattern}`);
    if (limits.enum && !limits.enum.includes(value)) wrong(`${value} is not allowed`);
  }
  if (entries.length > (limits.maxItems ?? 100)) wrong(`${entries.length} entries`);
  if (new Set(entries).size !== entries.length && field.type === 'list') wrong('an entry stands twice');
  return entries;
}

function checkSources(record, name) {
  const wrong = (what) => rule('sources are sound, and every record has one')(record.where, what);
  const cell = record.cell('sources');
  if (!cell) {
    if (name !== 'source') wrong('no source');
    return;
  }
  let sources;
  try {
    sources = JSON.parse(cell);
  } catch (error) {
    return wrong(`not JSON: ${error.message}`);
  }
  if (!Array.isArray(sources) || sources.length === 0) return wrong('not a list');
  const fields = new Set([...record.register.fields.map((field) => field.name), 'from', 'to', 'attested_on']);
  for (const entry of sources) {
    for (const key of Object.keys(entry)) {
      if (!['fields', 'source', 'locator', 'basis', 'confidence'].includes(key)) wrong(`unknown key ${key}`);
    }
    if (!records.get('source').has(entry.source)) wrong(`no source ${entry.source}`);
    for (const field of entry.fields ?? []) if (!fields.has(field)) wrong(`no field ${field}`);
    if (entry.fields && entry.fields.length === 0) wrong('an empty list of fields');
    const basis = entry.basis;
    if (
      typeof basis === 'string'
        ? !vocabularies.get('basis').terms.some((term) => term.code === basis)
        : basis && !(basis.ja && basis.en)
    ) {
      wrong(`basis ${JSON.stringify(basis)}`);
    }
    if (!['high', 'medium', 'low', undefined].includes(entry.confidence)) wrong(`confidence ${entry.confidence}`);
  }
}

// A record in one language that is half in the other would be understood by nobody.
function checkLanguages(record) {
  const told = new Set();
  for (const field of record.register.fields.filter((each) => each.bilingual)) {
    const [ja, en] = [record.cell(`${field.name}_ja`), record.cell(`${field.name}_en`)];
    if (ja || en) told.add(ja && en ? 'both' : ja ? 'Japanese' : 'English');
  }
  if (told.size > 1) rule('texts are there in both languages')(record.where, `texts in ${[...told].join(', in ')}`);
}

function checkRecord(record, name) {
  if (toldInOne.has(name)) checkLanguages(record);
  for (const field of record.register.fields) {
    const filled = checkField(record, name, field);
    if (field.constraints?.required && filled.length === 0)
      rule('what is required is filled')(record.where, field.name);
  }
  const own = rule('owner, visibility and times are sound');
  if (!records.get('organisation').has(record.cell('owner')))
    own(record.where, `no organisation ${record.cell('owner')}`);
  if (!['public', 'members', 'secretariat'].includes(record.cell('visibility')))
    own(record.where, `visibility ${record.cell('visibility')}`);
  for (const time of ['from', 'to', 'attested_on']) {
    if (record.cell(time) && !DATE.test(record.cell(time))) own(record.where, `${time} ${record.cell(time)}`);
  }
  if (record.cell('from') && record.cell('to') && record.cell('from') > record.cell('to'))
    own(record.where, 'ends before it begins');
  checkSources(record, name);
}

// A register that refers to itself by one field (parent, follows from …) may not go in circles.
function checkTrees() {
  const wrong = rule('trees have no circle');
  for (const [name, all] of records) {
    const field = registers.get(name).fields.find((f) => f.name === 'parent' && f.reference === name);
    if (!field) continue;
    for (const [id, record] of all) {
      const seen = new Set([id]);
      for (let up = record.cell('parent'); up; up = all.get(up)?.cell('parent') ?? '') {
        if (seen.has(up)) {
          wrong(record.where, [...seen, up].join(' < '));
          break;
        }
        seen.add(up);
      }
    }
  }
}

checkDescriptor();
for (const resource of descriptor.resources) loadResource(resource);
for (const [name, all] of records) for (const record of all.values()) checkRecord(record, name);
checkTrees();

// Rules that found nothing have said nothing: these names are there in any case.
for (const name of [
  'ids are well-formed and used once in a register',
  'texts are there in both languages',
  'codes are in their vocabulary',
  'references point at a record',
  'figures are whole',
  'positions have latitude and longitude',
  'values have their field’s type and keep its limits',
  'sources are sound, and every record has one',
  'what is required is filled',
  'owner, visibility and times are sound',
  'trees have no circle',
  'every term has both languages',
])
  rule(name);

let number = 0;
for (const [name, findings] of rules) {
  console.log(`${findings.length ? 'not ok' : 'ok'} ${++number} - ${name}`);
  for (const finding of findings.slice(0, FINDINGS_SHOWN)) console.log(`# ${finding}`);
  if (findings.length > FINDINGS_SHOWN) console.log(`# and ${findings.length - FINDINGS_SHOWN} more`);
}
console.log(`1..${number}`);
process.exit([...rules.values()].some((findings) => findings.length) ? 1 : 0);
