// Writes catalog-verdicts.json from catalog-documents.txt: what Backstage's own code says to each document, whether it takes it,
// why not, and what relations it makes of it. Run it with `npm install && node catalog.mjs`; the Rust tests read only what it wrote.
//
// A document stands below a line `### NAME`. One with several YAML documents is taken if each of them is.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const modules = process.env.ORACLE_MODULES ?? path.join(here, 'node_modules');
const require = createRequire(path.join(modules, 'x.js'));
const model = require('@backstage/catalog-model');
const { parseEntityYaml } = require('@backstage/plugin-catalog-node');
const { templateEntityV1beta3Validator } = require('@backstage/plugin-scaffolder-common');
const { BuiltinKindsEntityProcessor } = require(
  path.join(modules, '@backstage/plugin-catalog-backend/dist/processors/BuiltinKindsEntityProcessor.cjs.js'),
);

const envelope = model.entityEnvelopeSchemaValidator();
const policies = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.DefaultNamespaceEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(),
]);
const builtin = new BuiltinKindsEntityProcessor();
const location = { type: 'url', target: 'https://example.com/catalog-info.yaml' };
const managed = {
  'backstage.io/managed-by-location': 'url:https://example.com/catalog-info.yaml',
  'backstage.io/managed-by-origin-location': 'url:https://example.com/catalog-info.yaml',
};

// Registered by a URL a placeholder is put in before anything is checked.
function placeholders(value) {
  if (Array.isArray(value)) return value.map(placeholders);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === '$text' && typeof value.$text === 'string') return 'text';
  return Object.fromEntries(keys.map(key => [key, placeholders(value[key])]));
}

async function verdict(text) {
  const relations = [];
  try {
    let any = false;
    for (const result of parseEntityYaml(text, location)) {
      if (result.type === 'error') throw result.error;
      any = true;
      envelope(result.entity);
      let entity = placeholders(result.entity);
      entity = {
        ...entity,
        metadata: { ...entity.metadata, annotations: { ...managed, ...entity.metadata.annotations } },
      };
      if (Array.isArray(result.entity.metadata.annotations)) entity.metadata.annotations = result.entity.metadata.annotations;
      entity = await builtin.preProcessEntity(entity);
      entity = await policies.enforce(entity);
      const taken = (await builtin.validateEntityKind(entity)) || (await templateEntityV1beta3Validator.check(entity));
      if (!taken) throw new Error('No processor recognized the entity as valid, possibly caused by a foreign kind or apiVersion');
      const emit = ({ relation }) =>
        relations.push(
          `${model.stringifyEntityRef(relation.source)} ${relation.type} ${model.stringifyEntityRef(relation.target)}`,
        );
      await builtin.postProcessEntity(entity, location, emit);
      // The scaffolder's own processor does this for templates.
      if (entity.kind === 'Template' && entity.spec.owner) {
        const owner = model.parseEntityRef(entity.spec.owner, {
          defaultKind: 'Group',
          defaultNamespace: entity.metadata.namespace || 'default',
        });
        const self = model.stringifyEntityRef(entity);
        relations.push(`${self} ownedBy ${model.stringifyEntityRef(owner)}`);
        relations.push(`${model.stringifyEntityRef(owner)} ownerOf ${self}`);
      }
    }
    return { taken: any, relations: [...new Set(relations)].sort() };
  } catch (error) {
    return { taken: false, error: String(error.message).split('\n')[0] };
  }
}

const cases = fs
  .readFileSync(path.join(here, 'catalog-documents.txt'), 'utf8')
  .split(/^### /m)
  .slice(1)
  .map(text => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]);
const verdicts = {};
for (const [name, text] of cases) verdicts[name] = await verdict(text);
fs.writeFileSync(path.join(here, 'catalog-verdicts.json'), `${JSON.stringify(verdicts, null, 1)}\n`);
const taken = Object.values(verdicts).filter(one => one.taken).length;
console.log(`${cases.length} documents: ${taken} taken, ${cases.length - taken} refused`);
