#!/usr/bin/env node
// Says whether a file is a valid OpenAPI 3.1 document: openapi-check.mjs FILE
// Findings go to standard output, one a line; the exit code is 1 when there are any.
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { readFileSync } from 'node:fs';

const path = process.argv[2];
const source = readFileSync(path, 'utf8');
const config = await createConfig({
  rules: {
    struct: 'error',
    'no-unresolved-refs': 'error',
    'no-ambiguous-paths': 'error',
    'no-identical-paths': 'error',
    'path-parameters-defined': 'error',
    'path-declaration-must-exist': 'error',
    'no-path-trailing-slash': 'error',
    'operation-operationId-unique': 'error',
    'operation-parameters-unique': 'error',
    'operation-2xx-response': 'error',
    'operation-4xx-response': 'error',
    'no-enum-type-mismatch': 'error',
    'no-invalid-media-type-examples': 'error',
    'no-invalid-schema-examples': 'error',
    'no-schema-type-mismatch': 'error',
    'security-defined': 'off',
  },
});

const findings = [];
if (!/^3\.1\./.test(JSON.parse(source).openapi ?? '')) {
  findings.push(`${path}: not OpenAPI 3.1`);
}
for (const problem of await lintFromString({ source, absoluteRef: path, config })) {
  const place = problem.location[0];
  findings.push(`${path}: ${place?.pointer ?? ''}: ${problem.ruleId}: ${problem.message}`);
}
for (const finding of findings) {
  console.log(finding);
}
process.exitCode = findings.length ? 1 : 0;
