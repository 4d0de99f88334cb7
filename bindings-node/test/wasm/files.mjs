// node:fs and node:url over the fixtures in the bundle, and what else the replays use of Node.
import files from 'fixtures';
import { Buffer } from '../../lib/wasm/web.mjs';

export { Buffer };

export const setImmediate = (call) => setTimeout(call, 0);

/** A path from the folder of fixtures on. */
export const fileURLToPath = (url) => url.pathname.replace(/^.*\/fixtures\//, '');

/** Of every folder the names in it. */
const folders = new Map();
for (const path of Object.keys(files)) {
  const steps = path.split('/');
  steps.forEach((name, depth) => {
    const folder = steps.slice(0, depth).map((step) => `${step}/`).join('');
    folders.set(folder, (folders.get(folder) ?? new Set()).add(depth < steps.length - 1 ? `${name}/` : name));
  });
}

const pathOf = (given) => (typeof given === 'string' ? given : fileURLToPath(given));

export const existsSync = (given) => pathOf(given) in files || folders.has(pathOf(given));

const seen = new Set();

/** The files that nothing has read. */
export const unread = () => Object.keys(files).filter((path) => !seen.has(path));

export function readFileSync(given) {
  seen.add(pathOf(given));
  const text = atob(files[pathOf(given)]);
  return Buffer.from(Uint8Array.from(text, (sign) => sign.charCodeAt(0)));
}

export function readdirSync(path) {
  const entry = (name) => ({ name: name.replace('/', ''), isDirectory: () => name.endsWith('/') });
  return Array.from(folders.get(path), entry);
}
