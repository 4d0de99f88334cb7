// A gateway between a client and an upstream, as a command, for its tests; nothing leaves the loopback. The gateway is that
// of the examples, or the binary `sluicegate` whose path is in SLUICEGATE_SERVER: the same tests hold for both.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';

const EXAMPLE = fileURLToPath(new URL('../examples/gateway/gateway.mjs', import.meta.url));
const { SLUICEGATE_SERVER: BINARY } = process.env;

/** The program and its first arguments. */
export const GATEWAY = BINARY ? [BINARY, 'serve'] : [process.execPath, EXAMPLE];
export const isExample = !BINARY;
/** Why a test of the binary's own is none of the example. */
export const ofBinary = BINARY ? false : 'of the binary';
/** Why a test of the example's own is none of the binary. */
export const ofExample = BINARY ? 'of the example alone' : false;

export const start = (...flags) => spawn(GATEWAY[0], [...GATEWAY.slice(1), ...flags]);

/**
 * A gateway with these flags in camel case; `live` is a document of models. Of what is given, `entries` is its log but for
 * `/healthz`; `logged` waits until it has all that was asked before.
 */
export async function gatewayTo(upstream, { live, ...flags } = {}) {
  const folder = live && (await mkdtemp(join(tmpdir(), 'sluicegate-live-')));
  const catalog = live && join(folder, 'models.json');
  if (live) await writeFile(catalog, JSON.stringify(live));
  const all = { upstream, port: 0, drainMs: 500, ...flags, ...(live && { catalog }) };
  const gateway = start(...Object.entries(all).flatMap(flagOf));
  const log = logOf(gateway);
  const [line] = await Promise.race([once(gateway.stdout, 'data'), diesOf(gateway, log)]);
  const { url } = JSON.parse(line);
  const close = async () => {
    if (gateway.exitCode === null && gateway.signalCode === null) {
      const ended = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await ended;
    }
    if (live) await rm(folder, { recursive: true });
  };
  const peakBytes = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`))[1]) << 10;
  const kill = (signal = 'SIGKILL') => gateway.kill(signal);
  return { url, close, kill, entries: log.entries, logged: () => log.checked(url), peakBytes };
}

function flagOf([name, value]) {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return [flag, typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)];
}

async function diesOf(gateway, { others }) {
  await once(gateway, 'exit');
  throw new Error(`the gateway does not start: ${others.join('\n')}`);
}

function logOf({ stderr }) {
  const log = { entries: [], others: [], checks: 0 };
  createInterface({ input: stderr }).on('line', (line) => {
    if (!line.startsWith('{')) return log.others.push(line);
    const entry = JSON.parse(line);
    if (entry.path === '/healthz') return (log.checks += 1);
    return log.entries.push(entry);
  });
  log.checked = async (url) => {
    const { checks } = log;
    await (await fetch(`${url}/healthz`)).text();
    await until(() => log.checks > checks, 'logged');
  };
  return log;
}

export function openai({ url }, options = {}) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-test', maxRetries: 0, ...options });
}

/**
 * An upstream that does as the test wants: `answer(response, body, seen)`. `seen` has for each request its `headers` and
 * `closed`, a promise of when its connection was gone.
 */
export async function scripted(answer, port = 0) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const closed = new Promise((done) => response.once('close', done));
    const seen = { headers: request.headers, closed };
    requests.push(seen);
    await answer(response, Buffer.concat(chunks).toString(), seen);
  });
  // The soak has thousands of connections.
  await new Promise((done) => server.listen(port, '127.0.0.1', 4096, done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, requests, close };
}

export function begin(response) {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** Waits until it is written; false where the client is gone. */
export function write(response, bytes) {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((done) => {
    const left = () => done(false);
    response.once('close', left);
    response.write(bytes, (error) => done(!error) ?? response.off('close', left));
  });
}

export function sse(event) {
  return Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

export const CREATED = { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } };
export const COMPLETED = { type: 'response.completed', response: { id: 'resp_1', status: 'completed' } };
export const delta = (text) => ({ type: 'response.output_text.delta', item_id: 'msg_1', delta: text });

/** For tests that wait for what a fault would keep from coming. */
export const IN_TIME = { timeout: 30_000 };

/** Waits for what is bound to come, or fails. */
export async function until(isSo, what) {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`still not: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
