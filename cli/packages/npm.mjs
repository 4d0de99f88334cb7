// The command as npm packages, as folders to be packed or published.
//   node npm.mjs OUT                     the one that people name: OUT/sluicegate-cli, which takes its binary from the others
//   node npm.mjs OUT linux-x64-gnu=FILE  the package of that platform, with this binary
// `sluicegate` itself has no binary, as that would make it more than three times as large; it runs this one.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLATFORMS, platformManifest } from '../../bindings-node/scripts/platform-packages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];
const LIB = ['lib/command.js', 'lib/platform.js'];

function write(out, manifest) {
  const folder = `${out}/${manifest.name}`;
  mkdirSync(`${folder}/lib`, { recursive: true });
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const name of LICENCES) copyFileSync(root + name, `${folder}/${name}`);
  return folder;
}

function writeMain(out) {
  const { version, license, engines, repository } = platformManifest(PLATFORMS[0]);
  const folder = write(out, {
    name: 'sluicegate-cli',
    version,
    description: 'The command of sluicegate: a server for clients of Chat Completions and Responses',
    license,
    engines,
    ...(repository && { repository }),
    bin: { 'sluicegate-cli': LIB[0] },
    files: [...LIB, ...LICENCES],
    optionalDependencies: Object.fromEntries(PLATFORMS.map((platform) => [`sluicegate-cli-${platform}`, version])),
  });
  for (const name of LIB) copyFileSync(`${root}bindings-node/${name}`, `${folder}/${name}`);
  copyFileSync(`${root}README.md`, `${folder}/README.md`);
}

function writePlatform(out, platform, binary) {
  if (!PLATFORMS.includes(platform)) throw new Error(`${platform} is none of ${PLATFORMS.join(', ')}`);
  const { main, ...manifest } = platformManifest(platform);
  const file = `bin/${basename(binary)}`;
  const description = `The command of sluicegate for ${platform}`;
  const folder = write(out, { ...manifest, name: `sluicegate-cli-${platform}`, description, files: [file, ...LICENCES] });
  mkdirSync(`${folder}/bin`, { recursive: true });
  copyFileSync(binary, `${folder}/${file}`);
  chmodSync(`${folder}/${file}`, 0o755);
}

const [out, ...given] = process.argv.slice(2);
if (out === undefined) throw new Error('usage: npm.mjs OUT [PLATFORM=BINARY…]');
if (given.length === 0) writeMain(out);
for (const each of given) writePlatform(out, ...each.split(/=(.*)/s, 2));
