// The rules of the house; each beyond the presets says why. Run by lint.test.ts.
import { fileURLToPath } from 'node:url'
import tseslint from 'typescript-eslint'

const root = fileURLToPath(new URL('../../', import.meta.url))
// node:test waits for these by itself.
const testCalls = { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite', 'before', 'after'] }

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'src/wire/generated/', 'test/style/fixtures/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: root } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [testCalls] }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Ports are objects of closures: none of their methods looks at `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Async by signature: a port's method may have nothing to wait for in one of its implementations.
      '@typescript-eslint/require-await': 'off',
      // Rows of resources and labels are numbers and strings; both print well.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A leading underscore says that it is there for its place only.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An abort's reason is an error by convention, and `unknown` by type.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    // Types for one planted fault: a project of its own is read in no time.
    files: ['test/style/fixtures/*.ts'],
    languageOptions: { parserOptions: { project: './test/style/fixtures/tsconfig.json', tsconfigRootDir: root } },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: {
      // A file has one job, a function fits the eye.
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 50 }],
      'max-params': ['error', 4],
      'max-len': ['error', { code: 160, ignoreUrls: true, ignoreRegExpLiterals: true }],
      'complexity': ['error', 15],
      'max-depth': ['error', 3],
      // AbortSignal.any keeps every signal it makes as long as a parent lives: 100,000 take 125 MB.
      'no-restricted-properties': ['error', { object: 'AbortSignal', property: 'any', message: 'Use startDeadline.' }],
      'eqeqeq': ['error', 'always'],
      'no-console': 'off',
      'no-var': 'error',
      'prefer-const': 'error',
      // One look: no semicolons, single quotes, a space before a parameter list.
      'semi': ['error', 'never'],
      'quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
      'space-before-function-paren': ['error', 'always'],
      'no-trailing-spaces': 'error',
      'eol-last': 'error',
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use an object `as const`.' }],
    },
  },
)
