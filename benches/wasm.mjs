// The WebAssembly module beside the addon, in Node: cold start, and what an event costs.
//
//   node benches/wasm.mjs         both, as a table
// Input: a stream of text deltas, an event a chunk, then 16 KiB a chunk. Each side has a process of its own; of rounds the median.
// Times are CPU time, of all threads: other processes do not count.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const CHUNK = 16 << 10;
const EVENTS = 20_000;
const ROUNDS = 9;
const STARTS = 9;
const SIDES = { addon: '', wasm: 'wasm' };
const here = fileURLToPath(import.meta.url);
const require = createRequire(here);
const module = fileURLToPath(new URL('../bindings-node/wasm/sluicegate.wasm', import.meta.url));

const sse = (event) => Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const delta = (nth) =>
  sse({ type: 'response.output_text.delta', sequence_number: nth, item_id: 'msg_1', output_index: 0, content_index: 0, delta: ' word' });
const completed = sse({ type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } });
/** Milliseconds of CPU time. */
function clock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const median = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];

/** Milliseconds from nothing loaded to the first event's answer. */
function start() {
  const from = clock();
  const { Transcoder } = require('../bindings-node/index.js');
  const out = new Transcoder({ client: 'chat', upstream: 'responses' }).feed(delta(0));
  assert.ok(out.length > 0);
  return clock() - from;
}

/** Nanoseconds an event. */
function perEvent(chunks) {
  const { Transcoder } = require('../bindings-node/index.js');
  const rounds = Array.from({ length: ROUNDS }, () => {
    const transcoder = new Transcoder({ client: 'chat', upstream: 'responses' });
    const from = clock();
    for (const chunk of chunks) transcoder.feed(chunk);
    const took = clock() - from;
    assert.equal(transcoder.outcome.status, 'completed');
    return (took * 1e6) / EVENTS;
  });
  return median(rounds);
}

function measured() {
  const blocks = [...Array.from({ length: EVENTS }, (_, nth) => delta(nth)), completed];
  const body = Buffer.concat(blocks);
  const cut = Array.from({ length: Math.ceil(body.length / CHUNK) }, (_, nth) => body.subarray(nth * CHUNK, (nth + 1) * CHUNK));
  return { event: perEvent(blocks), chunk: perEvent(cut) };
}

function ran(side, what) {
  const env = { ...process.env, SLUICEGATE_NATIVE: SIDES[side] };
  const { stdout, status } = spawnSync(process.execPath, [here, what], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  assert.equal(status, 0);
  return JSON.parse(stdout);
}

function table() {
  const bytes = readFileSync(module);
  const rows = Object.keys(SIDES).map((side) => {
    const cold = median(Array.from({ length: STARTS }, () => ran(side, 'start')));
    const { event, chunk } = ran(side, 'events');
    return `| ${side} | ${cold.toFixed(1)} ms | ${Math.round(event)} ns | ${Math.round(chunk)} ns |`;
  });
  console.log(`The module has ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip -9.\n`);
  console.log(['| | load and first event | an event, one a chunk | an event, 16 KiB a chunk |', '|---|---|---|---|', ...rows].join('\n'));
}

if (process.argv[2] === 'start') console.log(start());
else if (process.argv[2] === 'events') console.log(JSON.stringify(measured()));
else table();
