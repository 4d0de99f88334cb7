// A registry of npm that has nothing but the packages in a folder: node npm-registry.mjs FOLDER; prints its URL. Packages of
// other platforms are known and cannot be had, as npm never fetches them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { PLATFORMS, mainManifest, platformManifest } from '../bindings-node/scripts/platform-packages.mjs';

const [folder] = process.argv.slice(2);
const { version } = mainManifest();
const others = PLATFORMS.flatMap((platform) => [`sluicegate-${platform}`, `sluicegate-cli-${platform}`].map((name) => [name, platform]));
const ofPlatform = new Map(others);

function manifestOf(name) {
  const path = `${folder}/${name}/package.json`;
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  return ofPlatform.has(name) ? { ...platformManifest(ofPlatform.get(name)), name } : undefined;
}

function packument(name, url) {
  const manifest = manifestOf(name);
  if (manifest === undefined) return undefined;
  const file = `${folder}/${name}-${version}.tgz`;
  const packed = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
  const dist = { tarball: `${url}/${name}-${version}.tgz`, integrity };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

const server = createServer((request, response) => {
  const name = decodeURIComponent(request.url.slice(1).split('?')[0]);
  const file = `${folder}/${name}`;
  if (name.endsWith('.tgz') && existsSync(file)) return response.end(readFileSync(file));
  const found = packument(name, `http://127.0.0.1:${server.address().port}`);
  return found === undefined ? response.writeHead(404).end('{}') : response.end(JSON.stringify(found));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
