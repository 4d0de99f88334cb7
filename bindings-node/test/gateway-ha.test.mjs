// Two gateways with one Redis behind haproxy, and behind nginx, as docs/deploy has them; `make test-ha` sets them up. One is
// killed under load: its open streams end as truncated, nothing else is lost, and conversations go on at the other.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { begin, delta, gatewayTo, ofBinary, scripted, sse, until, write } from './gateways.mjs';

const redis = process.env.SLUICEGATE_REDIS;
const CLIENTS = 40;
const PIECES = 20;
const PAUSE_MS = 15;
const FOLDER = fileURLToPath(new URL('../../docs/guides/deploy/', import.meta.url));
/** What runs each file. nginx deletes its pid file when it ends: never /dev/null, which would be gone with it. */
const PROXIES = {
  'haproxy.cfg': { program: 'haproxy', args: () => ['-db', '-f'] },
  'nginx.conf': { program: 'nginx', args: (folder) => ['-g', `daemon off; pid ${folder}/nginx.pid;`, '-c'] },
};

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** An upstream whose answers tell how many items it was asked with. */
const counting = () => {
  let count = 0;
  return scripted(async (response, body) => {
    const id = `resp_upstream_${(count += 1)}`;
    const text = `saw ${JSON.parse(body).input.length} `;
    const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] };
    begin(response);
    await write(response, sse({ type: 'response.created', response: { id, status: 'in_progress', output: [] } }));
    await write(response, sse({ type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } }));
    for (const piece of [text, ...Array(PIECES).fill('')]) {
      await wait(PAUSE_MS);
      if (!(await write(response, sse({ ...delta(piece), output_index: 0, content_index: 0 })))) return;
    }
    await write(response, sse({ type: 'response.output_item.done', output_index: 0, item }));
    response.end(sse({ type: 'response.completed', response: { id, status: 'completed', output: [item] } }));
  });
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const isOpen = (port) =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(true) ?? socket.destroy());
    socket.on('error', () => done(false));
  });

/** The proxy of that file in front of both, under its ports. */
async function startProxy(context, file, ports) {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'sluicegate-proxy-'))];
  const path = join(folder, file);
  const written = await readFile(FOLDER + file, 'utf8');
  const renamed = written.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`);
  await writeFile(path, renamed.replaceAll(':8081', `:${ports[0]}`).replaceAll(':8082', `:${ports[1]}`));
  const { program, args } = PROXIES[file];
  const proxy = spawn(program, [...args(folder), path], { stdio: 'ignore' });
  context.after(async () => {
    proxy.kill('SIGTERM');
    await rm(folder, { recursive: true });
  });
  let isUp = false;
  for (let left = 100; !isUp && left > 0; left -= 1) {
    isUp = await isOpen(port);
    if (!isUp) await wait(50);
  }
  assert.ok(isUp, `${program} listens`);
  return `http://127.0.0.1:${port}`;
}

/** One turn: the status, the last event, and the text. What is cut has no last event; before its head, no status either. */
async function turn(url, previous) {
  const body = JSON.stringify({ model: 'm', stream: true, input: 'Hi', ...(previous && { previous_response_id: previous }) });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test' };
  const response = await fetch(`${url}/v1/responses`, { method: 'POST', headers, body }).catch(() => ({ status: 0 }));
  let text = '';
  const isWhole = await (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    return response.status === 200;
  })().catch(() => false);
  const last = text.split('\n').findLast((line) => line.startsWith('data: {') && line.endsWith('}'));
  return { status: response.status, isWhole, last: last && JSON.parse(last.slice(6)), text };
}

/** A conversation until it is over; what it saw goes into `seen`. */
async function converse(url, seen) {
  for (let [turns, previous] = [0, undefined]; !seen.isOver; ) {
    const { status, isWhole, last, text } = await turn(url, previous);
    const isEnded = last?.type === 'response.completed';
    if (isWhole && isEnded) {
      assert.match(last.response.output[0].content[0].text, new RegExp(`^saw ${turns * 2 + 1} `), 'all of the history');
      [turns, previous] = [turns + 1, last.response.id];
      seen.turns[seen.isKilled ? 'after' : 'before'] += 1;
    } else {
      assert.deepEqual([isEnded, isWhole], [false, false], `an open stream, cut without an end: ${text}`);
      assert.ok([200, 502, 0].includes(status), `cut, or before it began what the proxy makes of that: ${status}`);
      seen.cut.push(Date.now());
    }
  }
}

for (const file of Object.keys(PROXIES)) {
  const { program } = PROXIES[file];
  const isMissing = spawnSync(program, ['-v']).error !== undefined;
  const skip = ofBinary || (!redis && 'no Redis') || (isMissing && `no ${program}`);
  test(`behind ${program}, one of two is killed under load`, { skip, timeout: 60_000 }, async (context) => {
    const upstream = await counting();
    const gateways = [await gatewayTo(upstream.url, { store: redis }), await gatewayTo(upstream.url, { store: redis })];
    context.after(() => Promise.all([...gateways, upstream].map(({ close }) => close())));
    const url = await startProxy(context, file, gateways.map((gateway) => new URL(gateway.url).port));
    const seen = { turns: { before: 0, after: 0 }, cut: [], isKilled: false, isOver: false };
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => converse(url, seen)));
    await Promise.race([clients, until(() => seen.turns.before > CLIENTS * 3, 'under load')]);
    const shares = gateways.map(({ entries }) => entries.length);
    assert.ok(Math.min(...shares) > CLIENTS / 4, `both serve: ${shares}`);

    const open = await openOf(gateways[0]);
    Object.assign(seen, { isKilled: true, at: Date.now() });
    gateways[0].kill();
    await Promise.race([clients, until(() => seen.turns.after > CLIENTS * 4, 'conversations go on')]);
    seen.isOver = true;
    await clients;
    assert.ok(seen.cut.length > 0 && seen.cut.length <= open + CLIENTS / 4, `${seen.cut.length} were cut, of about ${open}`);
    for (const at of seen.cut) assert.ok(at >= seen.at && at - seen.at < 5000, `cut ${at - seen.at} ms after`);
  });
}

/** How many requests are under way, but for this one. */
async function openOf({ url }) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/sluicegate_requests_under_way (\d+)/.exec(text)[1]) - 1;
}
