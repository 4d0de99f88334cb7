// One version number: that of the root Cargo.toml in every other manifest and lock, in what is published, and in the tag
// where there is one (TAG=v1.2.3), for which CHANGELOG.md has a section.
import { readFileSync } from 'node:fs';
import { mainManifest, platformManifest, PLATFORMS } from '../bindings-node/scripts/platform-packages.mjs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const own = (path) => /^version = "(.*?)"/m.exec(read(path))?.[1];
const version = own('Cargo.toml');
const lock = JSON.parse(read('bindings-node/package-lock.json'));
const dynamic = /^dynamic = \[.*"version".*\]/m.test(read('bindings-python/pyproject.toml'));

const claims = [
  ...[...read('Cargo.toml').matchAll(/^(sluicegate\S*) = .*version = "(.*?)"/gm)].map(([, name, found]) => [`Cargo.toml, ${name}`, found]),
  ['fuzz/Cargo.toml', own('fuzz/Cargo.toml')],
  ['bindings-python/pyproject.toml', dynamic ? version : own('bindings-python/pyproject.toml')],
  ['bindings-node/package.json', JSON.parse(read('bindings-node/package.json')).version],
  ['bindings-node/package-lock.json', lock.version],
  ['bindings-node/package-lock.json, its package', lock.packages[''].version],
  ...[...read('Cargo.lock').matchAll(/^name = "(sluicegate.*?)"\nversion = "(.*?)"/gm)].map(([, name, found]) => [
    `Cargo.lock, ${name}`,
    found,
  ]),
  ...Object.entries(mainManifest().optionalDependencies).filter(([name]) => name.startsWith('sluicegate-')),
  ...PLATFORMS.map((platform) => [`package of ${platform}`, platformManifest(platform).version]),
];
const { TAG } = process.env;
if (TAG) {
  claims.push(['the tag', TAG.replace(/^v/, '')]);
  claims.push(['CHANGELOG.md', new RegExp(`^## (${version.replaceAll('.', '\\.')})\\b`, 'm').exec(read('CHANGELOG.md'))?.[1]]);
}

const wrong = claims.filter(([, claimed]) => claimed !== version);
for (const [where, claimed] of wrong) console.error(`${where} is at version ${claimed}, Cargo.toml at ${version}`);
if (wrong.length > 0) process.exit(1);
console.log(`version ${version} in ${claims.length} places`);
