import { cruise, type ICruiseResult, type IForbiddenRuleType, type IViolation } from 'dependency-cruiser'

/** The floors of the house: each folder, and the folders that it may know. What is not named in a row is forbidden to it. */
const floors = {
  base: [],
  model: ['base'],
  wire: ['base', 'model'],
  engine: ['base', 'model'],
  pool: ['base', 'model'],
  store: ['base', 'model'],
  door: ['base', 'model'],
  detection: ['base', 'model', 'wire'],
  containerizer: ['base', 'model', 'engine', 'pool', 'store'],
  agent: ['base', 'model', 'wire', 'store', 'door', 'containerizer'],
  scheduler: ['base', 'model', 'wire', 'detection', 'store', 'door', 'containerizer', 'agent'],
  operator: ['base', 'model', 'wire', 'door', 'containerizer', 'agent', 'scheduler'],
  cli: ['base', 'model', 'wire', 'detection'],
} as const satisfies Record<string, readonly string[]>

/** Worker threads take nothing from above: generated messages alone are megabytes a thread. */
const workersSee = ['base', 'model', 'engine', 'pool']

/** Packages with one home; elsewhere at most their types. */
const homes = {
  '@fastify': 'door',
  'dockerode': 'engine',
  'fastify': 'door',
  'lmdb': 'store',
  'p-queue': 'containerizer',
  'piscina': 'pool',
  'protobufjs': 'wire',
}

const layerRules: IForbiddenRuleType[] = [
  ...Object.entries(floors).map(([folder, seen]) => forbid(`src/${folder} knows only what is below it`, {
    from: { path: `^src/${folder}/` },
    to: { path: '^(src|workers)/', pathNot: insideOf([folder, ...seen]) },
  })),
  forbid('workers know base, model, engine and the thread side of the pool', {
    from: { path: '^workers/' },
    to: { path: '^src/', pathNot: insideOf(workersSee) },
  }),
  forbid('one worker does not know another', {
    from: { path: '^workers/([^/]+)/' },
    to: { path: '^workers/', pathNot: '^workers/$1/' },
  }),
  forbid('one source of tasks does not know another', {
    from: { path: '^src/scheduler/([^/]+)/' },
    to: { path: '^src/scheduler/[^/]+/', pathNot: '^src/scheduler/$1/' },
  }),
  ...Object.entries(homes).map(([name, folder]) => forbid(`${name} is at home in src/${folder} alone`, {
    from: { path: '^(src|workers)/', pathNot: `^src/${folder}/` },
    to: { path: `node_modules/${name}/`, dependencyTypesNot: ['type-only'] },
  })),
  forbid('the product does not know its tests and benches', { from: { path: '^(src|workers)/' }, to: { path: '^(test|bench)/' } }),
  forbid('the product runs without development packages', {
    from: { path: '^(src|workers)/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  }),
  forbid('no module reaches itself', { from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } }),
  forbid('every import leads somewhere', { from: {}, to: { couldNotResolve: true } }),
]

function forbid (name: string, rule: { from: object, to: object }): IForbiddenRuleType {
  return { name, severity: 'error', ...rule }
}

function insideOf (folders: readonly string[]): string {
  return `^src/(${folders.join('|')})/`
}

export interface LayerReport {
  readonly modules: number
  /** One line each: the rule, and the import that breaks it. */
  readonly violations: string[]
}

/** Follows every import, of types as well, under src/ and workers/ of this folder. */
export async function checkLayers (baseDir: string): Promise<LayerReport> {
  const { output } = await cruise(['src', 'workers'], {
    baseDir,
    validate: true,
    ruleSet: { forbidden: layerRules },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types'],
    },
  })
  const { modules, summary } = output as ICruiseResult
  const own = modules.filter(({ source }) => /^(src|workers)\//.test(source))
  return { modules: own.length, violations: summary.violations.map(tell) }
}

function tell ({ rule, from, to }: IViolation): string {
  return `${rule.name}: ${from} -> ${to}`
}
