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

/** The tests of a kind, one a case: `replay` is given its files. */
export function replays(kind, replay) {
  return cases(kind).map(({ name, file }) => ({ name: `${kind}/${name}`, run: () => replay(file, name) }));
}

/** A file of fixtures that belongs to no case. */
export function read(path) {
  return readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
}

/** The tests of a table, one a line: `replay` is given the line's document, and the line. */
export function rows(path, replay) {
  const nameOf = ({ name }, nth) => `${path}: ${name ?? nth + 1}`;
  return lines(read(path)).map((line, nth) => {
    const row = JSON.parse(line);
    return { name: nameOf(row, nth), run: () => replay(row, line) };
  });
}

export function json(buffer) {
  return buffer === null ? null : JSON.parse(buffer.toString());
}

/** Split at LF only: other line ends are content. */
export function lines(buffer) {
  return buffer.toString().split('\n').filter((line) => line !== '');
}

/** One character a byte, so that every byte is compared. */
export function latin1(buffer) {
  return buffer.toString('latin1');
}

/** A document as the line that it is in a file. */
export function line(value) {
  return `${JSON.stringify(value)}\n`;
}

/** By the web's standard, which every runtime has. */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Names an input cut so where it fails. */
export function whereOf(chunks) {
  return `chunks of ${chunks.slice(0, 8).map((chunk) => chunk.length)}`;
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
