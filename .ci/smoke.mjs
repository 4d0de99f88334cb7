// Every chat fixture through the package that is installed beside this file: node smoke.mjs FIXTURES
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as imported from 'sluicegate';

const required = createRequire(import.meta.url)('sluicegate');
for (const name of Object.keys(required)) assert.equal(imported[name], required[name], `import sees ${name}`);

const cases = readdirSync(`${process.argv[2]}/chat`).map((name) => `${process.argv[2]}/chat/${name}`);
const streams = cases.filter((path) => existsSync(`${path}/input.sse`));
assert.ok(streams.length > 100);
for (const path of streams) {
  const options = existsSync(`${path}/options.json`) ? JSON.parse(readFileSync(`${path}/options.json`, 'utf8')) : {};
  const transcoder = new required.ChatTranscoder(options);
  const out = [transcoder.feed(readFileSync(`${path}/input.sse`)), transcoder.finish()];
  assert.deepEqual(Buffer.concat(out), readFileSync(`${path}/output.sse`), path);
}
console.log(`${streams.length} passed, 0 failed: Node ${process.versions.node}`);
