// The fixtures every language replays: ../../fixtures/<kind>/<case>/.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The cases of a kind, each a function from file name to Buffer, or null where there is no such file. */
export function cases(kind) {
  const folder = fileURLToPath(new URL(`../../fixtures/${kind}/`, import.meta.url));
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      file: (file) => (existsSync(`${folder}${name}/${file}`) ? readFileSync(`${folder}${name}/${file}`) : null),
    }));
}

export function json(buffer) {
  return buffer === null ? null : JSON.parse(buffer.toString());
}

/** Split at LF only: other line ends are content. */
export function lines(buffer) {
  return buffer.toString().split('\n').filter((line) => line !== '');
}

/** Ways to cut an input, each a list of chunks. */
export function* cuttings(input) {
  yield [input];
  yield Array.from(input, (_, at) => input.subarray(at, at + 1));
  if (input.length < 4096) {
    for (let at = 1; at < input.length; at += 1) yield [input.subarray(0, at), input.subarray(at)];
    return;
  }
  const random = mulberry32(input.length);
  for (let nth = 0; nth < 30; nth += 1) {
    const cuts = Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * input.length));
    const edges = [0, ...cuts.sort((a, b) => a - b), input.length];
    yield edges.slice(1).map((edge, at) => input.subarray(edges[at], edge));
  }
}

/** The same numbers in every run. */
export function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What JavaScript no longer holds the addon frees only between two turns of the event loop. */
export function collectGarbage() {
  return new Promise((done) => setImmediate(done));
}
