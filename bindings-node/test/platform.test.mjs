// Which package has the addon, and what is in the manifests of a release's packages.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PLATFORMS, mainManifest, platformManifest } from '../scripts/platform-packages.mjs';

const require = createRequire(import.meta.url);
const { platformPackage } = require('../lib/platform.js');
const here = fileURLToPath(new URL('..', import.meta.url));

const report = (header) => ({ excludeNetwork: false, getReport: () => ({ header }) });
const GLIBC = report({ glibcVersionRuntime: '2.36' });
const MUSL = report({});

test('every platform of a release is asked for by its hosts, and by no others', () => {
  const hosts = [
    { platform: 'linux', arch: 'x64', report: GLIBC },
    { platform: 'linux', arch: 'x64', report: MUSL },
    { platform: 'linux', arch: 'arm64', report: GLIBC },
    { platform: 'linux', arch: 'arm64', report: MUSL },
    ...['x64', 'arm64'].map((arch) => ({ platform: 'darwin', arch })),
    ...['x64', 'arm64'].map((arch) => ({ platform: 'win32', arch })),
  ];
  assert.deepEqual(hosts.map(platformPackage), PLATFORMS.map((platform) => `sluicegate-${platform}`));
  assert.equal(GLIBC.excludeNetwork, false, 'put back');
});

test('npm knows where a package fits', () => {
  const { os, cpu, libc, main, files } = platformManifest('linux-arm64-musl');
  assert.deepEqual([os, cpu, libc], [['linux'], ['arm64'], ['musl']]);
  assert.deepEqual(files, [main, 'LICENSE-MIT', 'LICENSE-APACHE']);
  assert.equal('libc' in platformManifest('darwin-x64'), false);
});

/** The entries and, through them, all files that they require or take types from. */
function required(entries) {
  const all = new Set(entries);
  for (const path of all) {
    if (!/\.(js|d\.ts)$/.test(path) || !existsSync(here + path)) continue; // the addon, or a file of types alone
    const source = readFileSync(here + path, 'utf8');
    for (const [, name] of source.matchAll(/(?:require\(|from )'(\.\.?\/.*?)'/g)) all.add(join(dirname(path), name));
  }
  return all;
}

test('the published package builds nothing, needs all platforms, and has all it requires', () => {
  const manifest = mainManifest();
  const version = JSON.parse(readFileSync(`${here}package.json`, 'utf8')).version;
  for (const platform of PLATFORMS) assert.equal(manifest.optionalDependencies[`sluicegate-${platform}`], version);
  assert.deepEqual([manifest.scripts, manifest.devDependencies], [undefined, undefined]);
  for (const path of required(['index.js', 'fetch.js', 'index.d.ts', 'fetch.d.ts'])) {
    const isPublished = path === 'sluicegate.node' || manifest.files.some((name) => `${path}/`.startsWith(`${name}/`));
    assert.ok(isPublished, path);
  }
});

test('the addon is the one that was built here, else the one of the platform, else there is an error that names it', (t) => {
  const folder = mkdtempSync(`${tmpdir()}/sluicegate-`);
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(`${folder}/lib`);
  for (const name of ['lib/native.js', 'lib/platform.js']) copyFileSync(here + name, `${folder}/${name}`);
  const load = () => {
    const module = createRequire(`${folder}/`);
    for (const path of Object.keys(module.cache)) if (path.startsWith(folder)) delete module.cache[path];
    return module('./lib/native.js');
  };
  const name = platformPackage(process);
  assert.throws(load, new RegExp(`${name} is not installed`));

  mkdirSync(`${folder}/node_modules/${name}`, { recursive: true });
  writeFileSync(`${folder}/node_modules/${name}/index.js`, 'module.exports = { isPlatform: true };');
  assert.equal(load().isPlatform, true);

  cpSync(`${here}sluicegate.node`, `${folder}/sluicegate.node`);
  assert.equal(load().isPlatform, undefined);
  assert.equal(typeof load().Transcoder, 'function');
});
