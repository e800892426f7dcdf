import eslint from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** The server and what is tested or measured inside of the runtime: types of the platform, not of a browser. */
const SERVER = [
  'src/server/**/*.ts',
  'tests/server/*.test.ts',
  'tests/server/support/**/*.ts',
  'tests/engines/*.test.ts',
  'tests/engines/support/**/*.ts',
  'bench/bare/**/*.ts',
];

/** @param {string} project the configuration that holds the files' types */
const typesOf = (project) => ({
  parserOptions: { project, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
});

const UNSAFE_OFF = Object.fromEntries(
  ['argument', 'assignment', 'member-access', 'call', 'return'].map((what) => [
    `@typescript-eslint/no-unsafe-${what}`,
    /** @type {'off'} */ ('off'),
  ]),
);

export default defineConfig(
  globalIgnores([
    '.svelte-kit/',
    '.wrangler/',
    'artifacts/',
    'node_modules/',
    'dist/',
    'src/lib/language/{.wuchale/,data.js}',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  svelte.configs.recommended,
  { languageOptions: typesOf('tsconfig.json') },
  { files: SERVER, languageOptions: typesOf('src/server/tsconfig.json') },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
  },
  { files: ['**/*.mjs', '*.config.{js,ts}'], languageOptions: { globals: globals.node } },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A method may be async because its port says so, with nothing to wait for in this implementation.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // TypeScript itself knows what exists, per project.
      'no-undef': 'off',
      // Addresses are the pages' own constants; no base path is configured.
      'svelte/no-navigation-without-resolve': 'off',
      eqeqeq: 'error',
    },
  },
  {
    // What this parser cannot see but the type checks do: a component's props where it is used, and casts in JSDoc.
    files: ['**/*.svelte', '**/*.mjs'],
    rules: UNSAFE_OFF,
  },
  {
    // Answers are looked at there, field by field, to be found right or wrong.
    files: ['tests/**/*.ts'],
    rules: UNSAFE_OFF,
  },
);
