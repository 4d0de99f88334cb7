// The suites of the fixtures as one file for any runtime: they import ./package.mjs, and nothing else.
// Input: the suites, ../../fixtures. Output: `run`, which gives how many cases there are, and what failed.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));

/** `run` of the runner, when the suites have named their tests. */
const ENTRY = `import '../fixtures.test.mjs'; import '../request-fixtures.test.mjs'; export { run } from './runner.mjs';`;

/** Each file's bytes. */
function contents() {
  const names = readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => `${entry.path}/${entry.name}`.replace(/\/\/+/g, '/'));
  return Object.fromEntries(paths.map((path) => [path.slice(fixtures.length), readFileSync(path, 'base64')]));
}

const REPLACED = {
  'node:test': `${here}runner.mjs`,
  'node:assert/strict': `${here}assert.mjs`,
  'node:fs': `${here}files.mjs`,
  'node:url': `${here}files.mjs`,
};

const SUITES = {
  name: 'suites',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path: REPLACED[path] }));
    build.onResolve({ filter: /^\.\/cases\.mjs$/ }, () => ({ path: `${here}cases.mjs` }));
    build.onResolve({ filter: /^sluicegate$/ }, () => ({ path: './package.mjs', external: true }));
    build.onResolve({ filter: /^fixtures$/ }, () => ({ path: 'fixtures', namespace: 'fixtures' }));
    build.onLoad({ filter: /./, namespace: 'fixtures' }, () => ({ contents: JSON.stringify(contents()), loader: 'json' }));
  },
};

export async function bundle(tools, outfile) {
  const { build } = createRequire(`${tools}/`)('esbuild');
  await build({
    stdin: { contents: ENTRY, resolveDir: here },
    outfile,
    inject: [`${here}files.mjs`],
    plugins: [SUITES],
    define: { 'import.meta.url': JSON.stringify('file:///bindings-node/test/suites.mjs') },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}
