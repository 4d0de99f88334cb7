// The npm packages of a release, as folders to be packed or published.
//   node scripts/platform-packages.mjs OUT                     the main package: OUT/sluicegate
//   node scripts/platform-packages.mjs OUT linux-x64-gnu=FILE  the package of that platform, with this addon
//   node scripts/platform-packages.mjs --check OUT             all of them are there
// In a checkout there are no optional dependencies: package.json gets them here. REPOSITORY: the URL to name in them,
// which npm's provenance compares with the workflow's.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];
const ADDON = 'sluicegate.node';
const MODULE = 'wasm';
const LIBC = { gnu: 'glibc', musl: 'musl' };

/** As lib/platform.js names them. */
export const PLATFORMS = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
];

const source = JSON.parse(readFileSync(`${here}package.json`, 'utf8'));
const repository = process.env.REPOSITORY && { type: 'git', url: `git+${process.env.REPOSITORY}.git` };

/** package.json of the main package. */
export function mainManifest() {
  const { scripts, devDependencies, files, ...published } = source;
  const names = PLATFORMS.map((platform) => [`sluicegate-${platform}`, source.version]);
  return {
    ...published,
    ...(repository && { repository }),
    files: [...files.filter((name) => name !== ADDON), ...LICENCES],
    optionalDependencies: { ...source.optionalDependencies, ...Object.fromEntries(names) },
  };
}

/** package.json of a platform's package; npm installs it where `os`, `cpu` and `libc` fit. */
export function platformManifest(platform) {
  const [os, cpu, abi] = platform.split('-');
  const { version, license, engines } = source;
  return {
    name: `sluicegate-${platform}`,
    version,
    description: `The addon of sluicegate for ${platform}`,
    license,
    engines,
    ...(repository && { repository }),
    os: [os],
    cpu: [cpu],
    ...(abi && { libc: [LIBC[abi]] }),
    main: ADDON,
    files: [ADDON, ...LICENCES],
  };
}

function write(out, manifest) {
  const folder = `${out}/${manifest.name}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const name of LICENCES) copyFileSync(root + name, `${folder}/${name}`);
  return folder;
}

function writeMain(out) {
  const manifest = mainManifest();
  const folder = write(out, manifest);
  copyFileSync(`${root}README.md`, `${folder}/README.md`);
  const isThere = (name) => name !== MODULE || existsSync(here + name); // where Rust for it can be had
  for (const name of manifest.files.filter((name) => !LICENCES.includes(name) && isThere(name))) {
    cpSync(here + name, `${folder}/${name}`, { recursive: true });
  }
}

function writePlatform(out, platform, addon) {
  if (!PLATFORMS.includes(platform)) throw new Error(`${platform} is none of ${PLATFORMS.join(', ')}`);
  copyFileSync(addon, `${write(out, platformManifest(platform))}/${ADDON}`);
}

function check(out) {
  const names = ['sluicegate/index.js', 'sluicegate/wasm/sluicegate.wasm', ...PLATFORMS.map((platform) => `sluicegate-${platform}/${ADDON}`)];
  const missing = names.filter((name) => !existsSync(`${out}/${name}`));
  if (missing.length > 0) throw new Error(`missing in ${out}: ${missing.join(', ')}`);
}

function main([out, ...rest]) {
  if (out === '--check') return check(rest[0]);
  if (rest.length === 0) return writeMain(out);
  for (const given of rest) writePlatform(out, ...given.split(/=(.*)/s, 2));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.length < 3) throw new Error('usage: platform-packages.mjs [--check] OUT [PLATFORM=ADDON…]');
  main(process.argv.slice(2));
}
