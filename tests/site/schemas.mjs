#!/usr/bin/env node
// Asks a served site for all its lists, records and histories and holds each answer against the schema that the site's own
// OpenAPI document gives for it: schemas.mjs URL. Findings go to standard output, one a line; then the exit code is 1.
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const site = process.argv[2];
const findings = [];

async function get(path) {
  const answer = await fetch(site + path);
  if (answer.status !== 200) {
    findings.push(`${path}: ${answer.status}`);
    return null;
  }
  return answer.json();
}

const description = await get('/api/v1/openapi.json');
const ajv = new Ajv({ strict: false, allErrors: false });
addFormats(ajv);
ajv.addSchema({ ...description, $id: 'api' });

function validator(path) {
  const pointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`;
  return ajv.compile({ $ref: `api#${pointer.replaceAll('{', '%7B').replaceAll('}', '%7D')}` });
}

function check(path, validate, answer) {
  if (answer !== null && !validate(answer)) {
    const [error] = validate.errors;
    findings.push(`${path}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  }
}

for (const path of Object.keys(description.paths)) {
  const json = description.paths[path].get.responses['200'].content['application/json'];
  if (!json || !path.startsWith('/api/')) {
    continue;
  }
  const validate = validator(path);
  if (!path.includes('{id}')) {
    const asks = description.paths[path].get.parameters?.some((parameter) => parameter.name === 'q');
    const whole = path === '/api/v1' || path.endsWith('.json') ? path : `${path}?${asks ? 'q=a&limit=20' : 'limit=1000'}`;
    check(path, validate, await get(whole));
    continue;
  }
  const list = await get(`${path.split('/{id}')[0]}?limit=20`);
  for (const item of list?.items ?? []) {
    const address = path.replace('{id}', item.id);
    check(address, validate, await get(address));
  }
}
for (const finding of findings) {
  console.log(finding);
}
process.exitCode = findings.length ? 1 : 0;
