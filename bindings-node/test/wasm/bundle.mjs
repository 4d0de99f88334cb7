// The replays of the fixtures as one file for any runtime: it imports ./package.mjs, and nothing else.
// Input: ../replay, ../../fixtures. Output: `run` of the runner.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));

/** Each file's bytes. */
function contents() {
  const names = readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => `${entry.path}/${entry.name}`.replace(/\/\/+/g, '/'));
  return Object.fromEntries(paths.map((path) => [path.slice(fixtures.length), readFileSync(path, 'base64')]));
}

const REPLACED = {
  'node:assert/strict': `${here}assert.mjs`,
  'node:fs': `${here}files.mjs`,
  'node:url': `${here}files.mjs`,
};

const FIXTURES = {
  name: 'fixtures',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path: REPLACED[path] }));
    // cases.mjs here is over the other one, which it imports itself.
    const own = { path: `${here}cases.mjs` };
    build.onResolve({ filter: /^\.\.\/cases\.mjs$/ }, ({ importer }) => (importer === own.path ? null : own));
    build.onResolve({ filter: /^sluicegate$/ }, () => ({ path: './package.mjs', external: true }));
    build.onResolve({ filter: /^fixtures$/ }, () => ({ path: 'fixtures', namespace: 'fixtures' }));
    build.onLoad({ filter: /./, namespace: 'fixtures' }, () => ({ contents: JSON.stringify(contents()), loader: 'json' }));
  },
};

export async function bundle(tools, outfile) {
  const { build } = createRequire(`${tools}/`)('esbuild');
  await build({
    entryPoints: [`${here}runner.mjs`],
    outfile,
    inject: [`${here}files.mjs`],
    plugins: [FIXTURES],
    define: { 'import.meta.url': JSON.stringify('file:///bindings-node/test/replays.mjs') },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}
