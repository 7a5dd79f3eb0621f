// Writes tests/golden-paths/expectations from tests/golden-paths: what Backstage's own engine makes of every
// expression, of every case, and of the golden paths in src/scaffold/golden-paths, so that it is to be run after each
// change of those. Run it with `npm install && node render.mjs`; the Rust tests read only what it wrote.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
const modules = process.env.ORACLE_MODULES ?? path.join(here, 'node_modules');
const golden = path.join(here, '..', 'golden-paths');
const embedded = path.join(here, '..', '..', 'src', 'scaffold', 'golden-paths');
const require = createRequire(path.join(modules, 'x.js'));
const backend = name => require(path.join(modules, '@backstage/plugin-scaffolder-backend/dist', name));
const yaml = require('js-yaml');
const { createTemplateRenderer } = require('nunjitsu');
const { ScmIntegrations } = require('@backstage/integration');
const { ConfigReader } = require('@backstage/config');
const { createTemplateAction } = require('@backstage/plugin-scaffolder-node');
const { createDefaultFilters } = backend('lib/templating/filters/createDefaultFilters.cjs.js');
const { NunjucksWorkflowRunner } = backend('scaffolder/tasks/NunjucksWorkflowRunner.cjs.js');
const builtin = (file, name) => backend(`scaffolder/actions/builtin/${file}.cjs.js`)[name];

const integrations = ScmIntegrations.fromConfig(new ConfigReader({}));
const filters = Object.fromEntries(
  createDefaultFilters({ integrations }).map(({ id, filter }) => [id, (...args) => filter(...args)]),
);

// A number that JSON cannot hold, and a value that is not there, are written as words.
const written = value =>
  value === undefined ? { undefined: true }
    : typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) }
    : { value };

// Half of a surrogate pair is no text outside JavaScript.
const wellFormed = (_, value) => (typeof value === 'string' ? value.toWellFormed() : value);

function renderExpressions() {
  const { context, expressions, cookiecutter, blocks } = yaml.load(fs.readFileSync(path.join(golden, 'expressions.yaml'), 'utf8'));
  const render = (template, options = {}) => {
    const renderer = createTemplateRenderer({ filters, allowRegexExecution: true, ...options });
    const attempt = run => {
      try {
        return run();
      } catch (error) {
        return { error: error.message };
      }
    };
    return {
      template,
      ...attempt(() => written(renderer.renderValue(template, context))),
      ...attempt(() => ({ text: renderer.render(template, context) })),
    };
  };
  return {
    context,
    expressions: expressions.map(each => render(each)),
    cookiecutter: cookiecutter.map(each => render(each, { cookiecutterCompat: true })),
    blocks: blocks.map(({ template, ...options }) => ({ ...render(template, options), ...options })),
  };
}

function writeTree(root, files) {
  for (const [name, entry] of Object.entries(files)) {
    const target = path.join(root, name);
    if (entry.directory) {
      fs.mkdirSync(target, { recursive: true });
      continue;
    }
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if (typeof entry.link === 'string') {
      fs.symlinkSync(entry.link, target);
      continue;
    }
    const content = typeof entry === 'string' ? entry : entry.base64 ? Buffer.from(entry.base64, 'base64') : entry.text;
    fs.writeFileSync(target, content);
    fs.chmodSync(target, entry.mode ? parseInt(entry.mode, 8) : 0o644);
  }
}

function readTree(root, below = '') {
  const tree = {};
  const names = fs.readdirSync(path.join(root, below)).sort();
  if (names.length === 0 && below !== '') tree[below] = { directory: true };
  for (const name of names) {
    const relative = path.join(below, name);
    const full = path.join(root, relative);
    const stat = fs.lstatSync(full);
    if (stat.isSymbolicLink()) tree[relative] = { link: fs.readlinkSync(full) };
    else if (stat.isDirectory()) Object.assign(tree, readTree(root, relative));
    else {
      const bytes = fs.readFileSync(full);
      const text = bytes.toString('utf8');
      const isText = Buffer.from(text, 'utf8').equals(bytes) && !text.includes('\0');
      tree[relative] = { ...(isText ? { text } : { base64: bytes.toString('base64') }), executable: (stat.mode & 0o100) !== 0 };
    }
  }
  return tree;
}

const quiet = { info() {}, warn() {}, error() {}, debug() {}, child: () => quiet, addRedactions() {} };
const metric = { add() {}, record() {}, set() {}, addCallback() {} };
const metrics = new Proxy({}, { get: () => () => metric });

async function runCase(file) {
  const { template, files = {}, ...given } = yaml.load(fs.readFileSync(file, 'utf8'));
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-'));
  const templateDir = path.join(root, 'template');
  fs.mkdirSync(templateDir);
  fs.writeFileSync(path.join(templateDir, 'template.yaml'), template);
  writeTree(templateDir, files);
  const result = JSON.stringify(await execute(root, templateDir, given), undefined, 1)
    .replaceAll(path.join(root, 'work', 'task'), '/workspace')
    .replaceAll(templateDir, '/template');
  fs.rmSync(root, { recursive: true });
  return result;
}

// The golden paths that callboard brings along, for one set of answers: the git id of every file, and the output.
async function runEmbedded({ template, parameters }) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-'));
  const { tree, output, error } = await execute(root, path.join(embedded, template), { parameters }, published);
  fs.rmSync(root, { recursive: true });
  if (error) throw new Error(`${template}: ${error}`);
  const files = Object.fromEntries(Object.entries(tree).map(([name, { text }]) => [name, blobId(text)]));
  return { template, parameters, output, files };
}

// callboard writes the version of the template beside its name, which Backstage does not.
function blobId(text) {
  const bytes = Buffer.from(text.replace(/^ *backstage\.io\/template-version:.*\n/gm, ''));
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

// What the actions that need a server would say.
const published = Object.entries({
  'publish:github': { remoteUrl: 'https://github.com/acme/orders.git', repoContentsUrl: 'https://github.com/acme/orders/blob/main' },
  'publish:github:pull-request': { remoteUrl: 'https://github.com/acme/orders' },
  'catalog:register': { entityRef: 'component:default/orders' },
}).map(([id, outputs]) => createTemplateAction({
  id,
  handler: async ctx => Object.entries(outputs).forEach(([name, value]) => ctx.output(name, value)),
}));

async function execute(root, templateDir, { parameters = {}, secrets, user, catalog: entities = [] }, more = []) {
  const document = yaml.load(fs.readFileSync(path.join(templateDir, 'template.yaml'), 'utf8'));
  const seen = { tree: {}, steps: {} };
  const byRef = Object.fromEntries(entities.map(each => [`${each.kind}:${each.metadata.namespace ?? 'default'}/${each.metadata.name}`.toLowerCase(), each]));
  const catalog = {
    getEntityByRef: async ref => byRef[ref.toLowerCase()],
    getEntitiesByRefs: async ({ entityRefs }) => ({ items: entityRefs.map(ref => byRef[ref.toLowerCase()]) }),
  };
  const reader = {};
  const options = { reader, integrations, catalog };
  const actions = [
    ...more,
    builtin('fetch/plain', 'createFetchPlainAction')(options),
    builtin('fetch/plainFile', 'createFetchPlainFileAction')(options),
    builtin('fetch/template', 'createFetchTemplateAction')(options),
    builtin('fetch/templateFile', 'createFetchTemplateFileAction')(options),
    builtin('fetch/workspaceTemplate', 'createWorkspaceTemplateAction')(options),
    builtin('fetch/workspaceTemplateFile', 'createWorkspaceTemplateFileAction')(options),
    builtin('filesystem/delete', 'createFilesystemDeleteAction')(),
    builtin('filesystem/rename', 'createFilesystemRenameAction')(),
    builtin('filesystem/read', 'createFilesystemReadDirAction')(),
    builtin('debug/log', 'createDebugLogAction')(),
    builtin('debug/wait', 'createWaitAction')(),
    builtin('catalog/write', 'createCatalogWriteAction')(),
    builtin('catalog/fetch', 'createFetchCatalogEntityAction')(options),
    createTemplateAction({
      id: 'oracle:extract',
      handler: async ctx => {
        seen.tree = readTree(ctx.workspacePath);
      },
    }),
    // Hands its input back, so that what a step saw becomes part of the expectation.
    createTemplateAction({
      id: 'oracle:echo',
      handler: async ctx => {
        (seen.steps[ctx.step.id] ??= []).push(ctx.input);
        for (const [name, value] of Object.entries(ctx.input)) ctx.output(name, value);
      },
    }),
  ];
  const registry = Object.fromEntries(actions.map(action => [action.id, action]));
  const runner = new NunjucksWorkflowRunner({
    actionRegistry: {
      get: async id => {
        if (!registry[id]) throw new Error(`Template action with ID '${id}' is not registered.`);
        return registry[id];
      },
    },
    integrations,
    logger: quiet,
    metrics,
    workingDirectory: path.join(root, 'work'),
  });
  const steps = document.spec.steps.map((step, index) => ({
    ...step,
    id: step.id ?? `step-${index + 1}`,
    name: step.name ?? step.action,
  }));
  let outcome;
  try {
    const { output } = await runner.execute({
      spec: {
        apiVersion: document.apiVersion,
        parameters,
        steps: [...steps, { id: 'oracle-extract', name: 'extract', action: 'oracle:extract', if: '${{ always() }}' }],
        output: document.spec.output ?? {},
        user,
        templateInfo: {
          entityRef: `template:${document.metadata.namespace ?? 'default'}/${document.metadata.name}`,
          baseUrl: pathToFileURL(path.join(templateDir, 'template.yaml')).toString(),
        },
      },
      secrets,
      cancelSignal: new AbortController().signal,
      getWorkspaceName: async () => 'task',
      getInitiatorCredentials: async () => ({}),
      emitLog: async () => {},
    });
    outcome = { output };
  } catch (error) {
    outcome = { error: error.message };
  }
  return { ...outcome, ...seen };
}

const expectations = path.join(golden, 'expectations');
fs.rmSync(expectations, { recursive: true, force: true });
fs.mkdirSync(expectations, { recursive: true });
fs.writeFileSync(path.join(expectations, 'expressions.json'), `${JSON.stringify(renderExpressions(), wellFormed, 1)}\n`);
for (const file of fs.readdirSync(path.join(golden, 'cases')).filter(name => name.endsWith('.yaml')).sort()) {
  const result = await runCase(path.join(golden, 'cases', file));
  fs.writeFileSync(path.join(expectations, file.replace(/\.yaml$/, '.json')), `${result}\n`);
}
const answers = yaml.load(fs.readFileSync(path.join(golden, 'embedded.yaml'), 'utf8'));
const rendered = [];
for (const each of answers) rendered.push(await runEmbedded(each));
fs.writeFileSync(path.join(expectations, 'embedded.json'), `${JSON.stringify(rendered, undefined, 1)}\n`);
