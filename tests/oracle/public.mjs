// Writes tests/public-templates/expectations from tests/public-templates/repo: what Backstage's own runner, its fetch, fs and catalog
// actions and Roadie's make of every template there, for the answers of runs.json. A template is registered by the URL of its
// repository, as in production; what only a server can do does nothing; what the form adds to the answers is computed by the form's own
// library. Run it with `npm install && node public.mjs`; the Rust test (tests/it/public_parity.rs) reads only what it wrote.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname;
const modules = process.env.ORACLE_MODULES ?? path.join(here, 'node_modules');
const root = path.join(here, '..', 'public-templates');
const repo = path.join(root, 'repo');
const URL_OF_REPO = 'https://github.com/acme/paths/tree/main/';
const require = createRequire(path.join(modules, 'x.js'));
const inside = name => path.join(modules, name);
const backend = name => require(inside(`@backstage/plugin-scaffolder-backend/dist/${name}`));
const roadie = (file, name) => require(inside(`@roadiehq/scaffolder-backend-module-utils/dist/actions/${file}.cjs.js`))[name];
const annotator = (file, name) => require(inside(`@backstage-community/plugin-scaffolder-backend-module-annotator/dist/actions/${file}.cjs.js`))[name];
const yaml = require('js-yaml');
const { ScmIntegrations } = require('@backstage/integration');
const { ConfigReader } = require('@backstage/config');
const { createTemplateAction } = require('@backstage/plugin-scaffolder-node');
const { NunjucksWorkflowRunner } = backend('scaffolder/tasks/NunjucksWorkflowRunner.cjs.js');
const builtin = (file, name) => backend(`scaffolder/actions/builtin/${file}.cjs.js`)[name];
const { createSchemaUtils } = require('@rjsf/utils');
const validator = require('@rjsf/validator-ajv8').default;
const { resolveParameterSteps } = require(inside('scaffolder-common-next/dist/alpha.cjs.js'));

const integrations = ScmIntegrations.fromConfig(new ConfigReader({}));
const quiet = { info() {}, warn() {}, error() {}, debug() {}, child: () => quiet, addRedactions() {} };
const metric = { add() {}, record() {}, set() {}, addCallback() {} };
const metrics = new Proxy({}, { get: () => () => metric });

const local = url => {
  const below = url.replace('/blob/', '/tree/').replace(/\/$/, '');
  if (!`${below}/`.startsWith(URL_OF_REPO)) throw new Error(`${url} lies elsewhere`);
  return path.join(repo, decodeURIComponent(below.slice(URL_OF_REPO.length)));
};
const reader = {
  readTree: async url => ({ dir: async ({ targetDir }) => fs.cpSync(local(url), targetDir, { recursive: true, verbatimSymlinks: true }) }),
  readUrl: async url => ({ buffer: async () => fs.readFileSync(local(url)) }),
};

const blob = bytes => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

// Every file with git's id of its content and its mode, and directories that are empty.
function readTree(directory, below = '', tree = {}) {
  const names = fs.readdirSync(path.join(directory, below)).sort();
  if (names.length === 0 && below !== '') tree[`${below}/`] = 'empty';
  for (const name of names) {
    const relative = below === '' ? name : `${below}/${name}`;
    const stat = fs.lstatSync(path.join(directory, relative));
    if (stat.isDirectory()) readTree(directory, relative, tree);
    else tree[relative] = `${(stat.mode & 0o100) !== 0 ? '755' : '644'} ${blob(fs.readFileSync(path.join(directory, relative)))}`;
  }
  return tree;
}

// As the catalog does it before a template reaches the scaffolder.
function withPlaceholders(value, file) {
  if (Array.isArray(value)) return value.map(item => withPlaceholders(item, file));
  if (value === null || typeof value !== 'object') return value;
  const [key, target] = Object.entries(value)[0] ?? [];
  if (Object.keys(value).length === 1 && ['$yaml', '$json', '$text'].includes(key)) {
    const text = fs.readFileSync(path.join(path.dirname(file), target), 'utf8');
    return key === '$text' ? text : key === '$json' ? JSON.parse(text) : yaml.load(text);
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withPlaceholders(item, file)]));
}

// What the form hands over: page by page the defaults of its library, null for a remark, and nothing of pages that are hidden.
function submitted(parameters, answers) {
  const pages = [parameters ?? []].flat();
  const steps = pages.map(({ title, when, ...schema }) => ({ schema, when }));
  let state = { ...answers };
  for (const [index, { schema }] of steps.entries()) {
    if (!resolveParameterSteps(state, steps).visible[index]) continue;
    // Once anything is typed, the defaults of what an earlier default brought up are there too.
    for (let turn = 0; turn < 2; turn += 1) {
      state = { ...state, ...createSchemaUtils(validator, schema).getDefaultFormState(schema, state) };
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) if (property.type === 'null') state[name] = null;
  }
  return resolveParameterSteps(state, steps).values;
}

function* templates(directory = repo) {
  for (const name of fs.readdirSync(directory).sort()) {
    const file = path.join(directory, name);
    if (fs.statSync(file).isDirectory()) yield* templates(file);
    else if (/\.ya?ml$/.test(name) && fs.readFileSync(file, 'utf8').includes('scaffolder.backstage.io/v1beta3')) {
      for (const document of yaml.loadAll(fs.readFileSync(file, 'utf8'))) if (document?.kind === 'Template') yield { file, document: withPlaceholders(document, file) };
    }
  }
}

async function execute({ file, document }, answers) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-'));
  const seen = { published: {} };
  const publish = (id, outputs = () => ({})) => createTemplateAction({
    id,
    handler: async ctx => {
      const { repoUrl, sourcePath } = ctx.input;
      seen.published[repoUrl] = readTree(path.join(ctx.workspacePath, typeof sourcePath === 'string' ? sourcePath : '.'));
      const url = new URL(`https://${repoUrl}`);
      const remote = `https://${url.host}/${url.searchParams.get('owner')}/${url.searchParams.get('repo')}`;
      for (const [name, value] of Object.entries(outputs(remote, ctx.input))) ctx.output(name, value);
    },
  });
  const repository = (remote, { defaultBranch = 'master' }) => ({ remoteUrl: `${remote}.git`, repoContentsUrl: `${remote}/blob/${defaultBranch}` });
  const options = { reader, integrations, catalog: {} };
  const actions = [
    builtin('fetch/plain', 'createFetchPlainAction')(options),
    builtin('fetch/plainFile', 'createFetchPlainFileAction')(options),
    builtin('fetch/template', 'createFetchTemplateAction')(options),
    builtin('fetch/templateFile', 'createFetchTemplateFileAction')(options),
    builtin('filesystem/delete', 'createFilesystemDeleteAction')(),
    builtin('filesystem/rename', 'createFilesystemRenameAction')(),
    builtin('debug/log', 'createDebugLogAction')(),
    builtin('debug/wait', 'createWaitAction')(),
    builtin('catalog/write', 'createCatalogWriteAction')(),
    roadie('fs/writeFile', 'createWriteFileAction')(),
    roadie('fs/appendFile', 'createAppendFileAction')(),
    roadie('fs/replaceInFile', 'createReplaceInFileAction')(),
    roadie('fs/parseFile', 'createParseFileAction')(),
    roadie('serialize/json', 'createSerializeJsonAction')(),
    roadie('serialize/yaml', 'createSerializeYamlAction')(),
    roadie('merge/merge', 'createMergeAction')(),
    roadie('merge/merge', 'createMergeJSONAction')({}),
    annotator('annotator/annotator', 'createAnnotatorAction')(),
    annotator('customActions/createScaffoldedFromAction', 'createScaffoldedFromAction')(),
    annotator('customActions/createVersionAction', 'createVersionAction')(),
    ...['publish:github', 'publish:gitlab', 'publish:azure', 'publish:gitea', 'github:repo:push'].map(id => publish(id, repository)),
    createTemplateAction({ id: 'oracle:extract', handler: async ctx => { seen.tree = readTree(ctx.workspacePath); } }),
  ];
  const registry = Object.fromEntries(actions.map(action => [action.id, action]));
  // What only a server can do does nothing.
  const nothing = id => createTemplateAction({ id, handler: async () => {} });
  const runner = new NunjucksWorkflowRunner({
    actionRegistry: { get: async id => registry[id] ?? nothing(id) },
    integrations, logger: quiet, metrics, workingDirectory: path.join(work, 'work'),
  });
  fs.mkdirSync(path.join(work, 'work'));
  const steps = document.spec.steps.map((step, index) => ({ ...step, id: step.id ?? `step-${index + 1}`, name: step.name ?? step.action }));
  const { output } = await runner.execute({
    spec: {
      apiVersion: document.apiVersion,
      parameters: submitted(document.spec.parameters, answers),
      steps: [...steps, { id: 'oracle-extract', name: 'extract', action: 'oracle:extract' }],
      output: document.spec.output ?? {},
      templateInfo: {
        entityRef: `template:default/${document.metadata.name}`,
        entity: { metadata: document.metadata },
        baseUrl: URL_OF_REPO + path.relative(repo, file),
      },
    },
    secrets: {},
    cancelSignal: new AbortController().signal,
    getWorkspaceName: async () => 'task',
    getInitiatorCredentials: async () => ({}),
    emitLog: async () => {},
  });
  fs.rmSync(work, { recursive: true });
  const links = (output.links ?? []).map(({ url }) => url).filter(Boolean);
  return { tree: seen.tree, published: seen.published, links };
}

const known = Object.fromEntries([...templates()].map(each => [each.document.metadata.name, each]));
const expectations = {};
for (const { template, run, answers } of JSON.parse(fs.readFileSync(path.join(root, 'runs.json'), 'utf8'))) {
  try {
    expectations[run] = await execute(known[template], answers);
  } catch (error) {
    expectations[run] = { error: error.message };
  }
}
fs.writeFileSync(path.join(root, 'expectations.json'), `${JSON.stringify(expectations, undefined, 1)}\n`);
const failed = Object.entries(expectations).filter(([, { error }]) => error);
console.log(`${Object.keys(expectations).length} runs, ${failed.length} that Backstage fails`);
failed.forEach(([run, { error }]) => console.log(run, error));
