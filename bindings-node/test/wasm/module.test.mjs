// The module in Node: found where there is no addon, over memory that grows, and what becomes of objects and of faults.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from '../../wasm/load.mjs';

const here = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const { load: reload } = require('../../lib/wasm/load.js');
const compiled = new WebAssembly.Module(readFileSync(`${here}wasm/sluicegate.wasm`));

const node = (args, cwd) => spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env: { ...process.env, SLUICEGATE_NATIVE: '' } });

test('where there is no addon, Node takes the module', (t) => {
  const folder = mkdtempSync(`${tmpdir()}/sluicegate-`);
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['index.js', 'package.json', 'lib', 'wasm']) cpSync(here + name, `${folder}/${name}`, { recursive: true });
  const { stdout, stderr } = node(['-p', "require('./index.js').contentType(true)"], folder);
  assert.equal(stdout, 'text/event-stream\n', stderr);
});

test('each condition has its entry', () => {
  const entryOf = (condition, name) =>
    node([`--conditions=${condition}`, '--input-type=module', '-e', `console.log(import.meta.resolve('${name}'))`], here).stdout.split('/').at(-1).trim();
  for (const name of ['sluicegate', 'sluicegate/fetch']) {
    const entries = ['workerd', 'browser', 'deno'].map((condition) => entryOf(condition, name));
    assert.deepEqual(entries, ['workerd.mjs', 'browser.mjs', 'browser.mjs']);
  }
  assert.equal(entryOf('node', 'sluicegate'), 'index.js');
  assert.equal(entryOf('node', 'sluicegate/wasm'), 'load.mjs');
});

test('the bundle has the names of the package', () => {
  const own = { ...require('../../index.js'), ...require('../../fetch.js') };
  assert.deepEqual(Object.keys(load(compiled)), Object.keys(own));
  assert.equal(load(compiled), load(compiled));
});

test('what was given stays when the memory grows', () => {
  const { Transcoder, lint } = load(compiled);
  const event = (text) => `data: ${JSON.stringify({ type: 'response.output_text.delta', delta: text })}\n\n`;
  const transcoder = new Transcoder({ client: 'chat', upstream: 'responses' });
  const first = transcoder.feed(event('first'));
  const long = 'é'.repeat(4 << 20);
  assert.ok(String(transcoder.feed(event(long))).includes(long));
  assert.equal(lint(`${event(long)}\n`).length > 0, true);
  assert.ok(String(first).includes('"content":"first"'));
  assert.ok(String(transcoder.feed(event('last'))).includes('"content":"last"'));
});

test('objects that nobody holds are freed', () => {
  const own = `const { Transcoder } = require('./index.js');
    const { memory } = require('./lib/wasm/load.js');
    const turn = async () => {
      for (let nth = 0; nth < 2000; nth += 1) new Transcoder({ client: 'chat', upstream: 'responses' }).feed('data: {}\\n\\n');
      gc();
      await new Promise((done) => setTimeout(done, 20));
      return memory().buffer.byteLength;
    };
    (async () => {
      const sizes = [];
      for (let nth = 0; nth < 12; nth += 1) sizes.push(await turn());
      console.log(sizes[11] <= 2 * sizes[2] ? 'freed' : sizes.join(' '));
    })();`;
  const env = { ...process.env, SLUICEGATE_NATIVE: 'wasm' };
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', own], { cwd: here, env, encoding: 'utf8' });
  assert.equal(stdout, 'freed\n', stderr);
});

test('a fault is a RuntimeError, and the instance goes on', () => {
  const own = reload(compiled);
  assert.throws(() => own.fault(), WebAssembly.RuntimeError);
  assert.equal(own.contentType(true), 'text/event-stream');
});
