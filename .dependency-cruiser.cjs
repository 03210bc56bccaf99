/**
 * Imports go one way: apps -> features and drivers -> projection -> ledger -> nothing.
 * A lib is entered by its index.ts only; inside a lib files import each other directly.
 */
const layers = {
  ledger: [],
  platform: [],
  fhir: [],
  security: ['ledger', 'database', 'platform'],
  database: ['platform'],
  'ledger-embedded': ['ledger', 'database', 'platform'],
  'ledger-kafka': ['ledger', 'database', 'platform'],
  projection: ['ledger', 'database', 'security', 'fhir', 'platform'],
  records: ['projection', 'ledger', 'database', 'security', 'fhir', 'platform'],
  sequence: ['records', 'projection', 'ledger', 'database', 'security', 'fhir', 'platform'],
  ingest: ['sequence', 'records', 'projection', 'ledger', 'security', 'fhir', 'platform'],
  audit: ['ledger', 'database', 'platform'],
  changes: ['ledger', 'ledger-kafka', 'database', 'platform'],
  lineage: ['records', 'projection', 'ledger', 'database', 'security', 'fhir', 'platform'],
  matching: ['sequence', 'records', 'projection', 'ledger', 'database', 'security', 'fhir', 'platform'],
  population: ['sequence', 'records', 'projection', 'ledger', 'database', 'security', 'fhir', 'platform'],
  testing: [
    'ledger',
    'ledger-embedded',
    'database',
    'platform',
    'security',
    'fhir',
    'projection',
    'records',
    'sequence',
    'ingest',
    'lineage',
    'matching',
    'population',
  ],
};
const direction = Object.entries(layers).map(([lib, allowed]) => ({
  name: `direction-${lib}`,
  comment: `libs/${lib} may import ${allowed.length ? allowed.join(', ') : 'no other lib'} only`,
  severity: 'error',
  from: { path: `^libs/${lib}/src`, pathNot: '\\.(spec|fixture)\\.ts$' },
  to: { path: '^libs/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/src` },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'a cycle crashes at load under ES modules with decorator metadata',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...direction,
    {
      name: 'pure',
      comment: 'libs/ledger and libs/fhir know no framework, database or broker',
      severity: 'error',
      from: { path: '^libs/(ledger|fhir)/src', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|kafkajs)(/|$)' },
    },
    {
      name: 'one-client',
      comment: 'kafkajs is known to two files of libs/ledger-kafka, so that another client can take its place',
      severity: 'error',
      from: {
        path: '^(apps|libs|test)/',
        pathNot:
          '(^libs/ledger-kafka/src/(kafka-client|kafkajs-internals\\.d)\\.ts$|^apps/cli/src/bench/bare-kafka\\.ts$|\\.spec\\.ts$|^libs/testing/)',
      },
      to: { path: 'node_modules/kafkajs(/|$)' },
    },
    {
      name: 'through-the-index',
      comment: 'between libs only through index.ts',
      severity: 'error',
      from: { path: '^(apps|examples|libs|test)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/src/' },
    },
    {
      name: 'examples-stand-alone',
      comment: 'an example is what others can write: it knows the topics and the interfaces, and none of our code',
      severity: 'error',
      from: { path: '^examples/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|libs|test)/' },
    },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'shipped-dependencies',
      comment: 'what runs in production is a dependency, not a devDependency',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '(\\.(spec|fixture)\\.ts$|^libs/testing/|/generate/)' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
