// Writes tests/golden-paths/expectations/utilities.json: what JSONata and yaml, the packages that Roadie's actions stand on, make of
// tests/golden-paths/utilities.yaml. Run it with `npm install && node utilities.mjs`; the Rust test reads only what it wrote.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const modules = process.env.ORACLE_MODULES ?? path.join(here, 'node_modules');
const golden = path.join(here, '..', 'golden-paths');
const require = createRequire(path.join(modules, 'x.js'));
const yaml = require('yaml');
const jsonata = require('jsonata');

const { data, expressions, values } = yaml.parse(fs.readFileSync(path.join(golden, 'utilities.yaml'), 'utf8'));

async function evaluated(expression) {
  try {
    const value = await jsonata(expression).evaluate(data);
    const written = value === undefined ? undefined : JSON.stringify(value);
    return written === undefined ? { expression, undefined: true } : { expression, value: JSON.parse(written) };
  } catch (error) {
    return { expression, error: error.message ?? String(error) };
  }
}

const written = {
  data,
  expressions: await Promise.all(expressions.map(evaluated)),
  values: values.map(({ value, options }) => ({ value, options, text: yaml.stringify(value, options) })),
};
fs.writeFileSync(path.join(golden, 'expectations', 'utilities.json'), `${JSON.stringify(written, null, 1)}\n`);
