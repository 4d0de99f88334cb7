// The gateway of the examples, as a command, under many streams at once, each cut anywhere and paced at random: a client
// gets what the same bytes give when they come at once, and the gateway holds no more at the end than before. Among them are
// streams and clients that mean harm, and /healthz is asked all the time. `make soak` lets it run for minutes, with SLUICEGATE_SOAK_MINUTES, …_STREAMS, …_SEED and SLUICEGATE_RECORDINGS.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { cases, mulberry32 } from './cases.mjs';
import { begin, scripted, start, write } from './gateways.mjs';
import { CLIENTS, UPSTREAMS } from './hostile-streams.mjs';

const setting = (name, otherwise) => Number(process.env[`SLUICEGATE_SOAK_${name}`] ?? otherwise);
const [MINUTES, STREAMS, SEED] = [setting('MINUTES', 0.05), setting('STREAMS', 40), setting('SEED', 1)];
const RECORDINGS = process.env.SLUICEGATE_RECORDINGS;
/** So that statuses depend on what came, not on when; and no comments in silences. */
const UNTIMED = ['--hold-ms', '600000', '--heartbeat-ms', '0', '--upstream-websocket', 'off'];
const LIMITS = [3, 40, 700, 9000];
/** One in so many clients means harm, or has an upstream that does. */
const HARM = 10;
/** Of /healthz, where the machine is not full: the 99th of 100 answers. */
const MAX_HEALTH_MS = Number(process.env.SLUICEGATE_SOAK_HEALTH_MS ?? Infinity);

const random = mulberry32(SEED);
const below = (limit, next = random) => Math.floor(next() * limit);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** The streams of the fixtures; and the recordings, where there are some. One list is as likely as the other. */
function inputs() {
  const golden = ['chat', 'images', 'lint'].flatMap((kind) => cases(kind).map(({ file }) => file('input.sse')));
  const known = [golden.filter((input) => input !== null)];
  if (RECORDINGS === undefined) return known;
  const names = readdirSync(RECORDINGS).filter((name) => name.endsWith('.sse'));
  return [...known, names.map((name) => readFileSync(`${RECORDINGS}/${name}`))];
}

/** Answers as the request's key has it: `[list, input, end, seed]`; without a seed all of it at once. */
async function startUpstream(streams, seen) {
  return scripted(async (response, body) => {
    const [list, input, end, seed] = JSON.parse(JSON.parse(body).prompt_cache_key);
    if (list in UPSTREAMS) return UPSTREAMS[list](response);
    const [bytes, next] = [streams[list][input].subarray(0, end), mulberry32(seed)];
    response.shouldKeepAlive = false; // a connection that is kept may be closed while it is asked
    begin(response).flushHeaders();
    seen.most = Math.max(seen.most, (seen.open += 1));
    for (let at = 0; at < end; ) {
      const to = seed === 0 ? end : at + 1 + below(LIMITS[below(LIMITS.length, next)], next);
      if (seed !== 0) await wait(next() * seen.paceMs);
      if (!(await write(response, bytes.subarray(at, to)))) break;
      at = to;
    }
    seen.open -= 1;
    response.end();
  });
}

async function startGateway(upstream) {
  const gateway = start('--upstream', upstream.url, '--port', '0', ...UNTIMED);
  gateway.stderr.resume();
  const [line] = await once(gateway.stdout, 'data');
  return { gateway, url: JSON.parse(line).url };
}

const ASKS = [true, false].flatMap((stream) => [
  ['/v1/chat/completions', { model: 'm', stream, messages: [{ role: 'user', content: 'Hi' }] }],
  ['/v1/responses', { model: 'm', stream, input: 'Hi' }],
]);

/** Asks over a connection of its own, again where the kernel had no room for it. */
async function responseTo(url, body) {
  for (let left = 20; ; left -= 1) {
    const sent = request(url, { method: 'POST', agent: false });
    sent.end(JSON.stringify(body));
    const answered = await once(sent, 'response').catch((error) => error);
    if (Array.isArray(answered)) return answered[0];
    if (left === 0 || !['ECONNRESET', 'ETIMEDOUT'].includes(answered.code)) throw answered;
    await wait(500);
  }
}

/** The status of an answer, and its text. */
async function answer(url, [path, body], key) {
  const response = await responseTo(url + path, { ...body, prompt_cache_key: JSON.stringify(key) });
  const chunks = await response.toArray();
  return timeless(`${response.statusCode} ${Buffer.concat(chunks).toString('latin1')}`);
}

/** Without the seconds in it, which go on, the ids that the gateway draws, and the key that a Response repeats. */
function timeless(text) {
  return text.replace(/"prompt_cache_key":"[^"]*"/g, '"prompt_cache_key":""').replace(/"(created|created_at)":\d{10}\b/g, '"$1":0').replace(/"resp_[0-9a-f]{32}"/g, '"resp_"');
}

/** The gateway reads no further than the terminal event: a sentinel or comment after it may not come. */
function isSame(one, other) {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.startsWith(short) && /^(data: ?\[DONE\]|:[^\r\n]*|\s)*$/.test(long.slice(short.length));
}

/** One who means harm after the other. */
async function harm(url, seen) {
  const [kinds, clients] = [Object.keys(UPSTREAMS), Object.values(CLIENTS)];
  while (!seen.isOver) {
    await clients[below(clients.length)](url, kinds[below(kinds.length)]);
    seen.harmed += 1;
    await wait(random() * seen.paceMs);
  }
}

/** How long each answer of /healthz took. */
function watchHealth(url) {
  const times = [];
  const worker = new Worker(new URL('health.mjs', import.meta.url), { workerData: { url, everyMs: 20 } });
  worker.on('message', (ms) => times.push(ms));
  const at = (share) => times.toSorted((one, other) => one - other)[Math.floor(times.length * share)] ?? 0;
  return { times, at, end: () => worker.terminate() };
}

/** MiB; 0 where the system does not have it. */
function rss({ pid }) {
  if (process.platform !== 'linux') return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) >> 10;
}

/** The most that the process holds in each tenth of the time. */
async function watched(process, seen) {
  const most = [];
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    let held = 0;
    for (let nth = 0; nth < 20; nth += 1) {
      await wait(MINUTES * 300);
      held = Math.max(held, rss(process));
    }
    most.push(held);
    console.log(`${tenth}/10: ${seen.ended} streams, ${seen.harmed} that mean harm, ${seen.most} at most at once, ${held} MiB held at most`);
  }
  return most;
}

test('streams through the gateway, side by side, are what each is alone', async (context) => {
  const streams = inputs();
  const seen = { open: 0, most: 0, ended: 0, harmed: 0, isOver: false, paceMs: STREAMS * 5 };
  const upstream = await startUpstream(streams, seen);
  const { gateway, url } = await startGateway(upstream);
  context.after(() => Promise.all([gateway.kill('SIGKILL'), upstream.close()]));
  console.log(`${STREAMS} streams at once, ${MINUTES} minutes, seed ${SEED}`);

  const client = async () => {
    await wait(random() * MINUTES * 6000); // not all in one moment: the kernel would refuse some
    while (!seen.isOver) {
      const [ask, list] = [ASKS[below(ASKS.length)], below(streams.length)];
      const input = below(streams[list].length);
      const { length } = streams[list][input];
      const end = random() < 0.5 ? length : below(length + 1);
      const key = [list, input, end, 1 + below(2 ** 30)];
      const alone = await answer(url, ask, [list, input, end, 0]);
      const among = await answer(url, ask, key);
      assert.ok(isSame(among, alone), `${ask[0]}, stream: ${ask[1].stream}, by ${key}\n${among}\n--- alone\n${alone}`);
      seen.ended += 1;
    }
  };
  const health = watchHealth(url);
  context.after(health.end);
  const all = Array.from({ length: STREAMS }, (_, nth) => (nth % HARM === 0 ? harm(url, seen) : client()));
  const clients = Promise.all(all);
  const dies = once(gateway, 'exit').then(() => assert.fail('the gateway died'));
  const most = await Promise.race([dies, watched(gateway, seen), clients.then(() => assert.fail('nobody asks any more'))]);
  Object.assign(seen, { isOver: true, paceMs: 0 });
  await Promise.race([dies, clients]);
  console.log(`${seen.harmed} meant harm; /healthz: ${health.times.length} times, p50 ${health.at(0.5)} ms, p99 ${health.at(0.99)} ms`);
  assert.ok(health.at(0.99) < MAX_HEALTH_MS && health.times.every(Number.isFinite), '/healthz answers in time');
  const [early, late] = [Math.max(...most.slice(1, 5)), Math.max(...most.slice(5))];
  assert.ok(MINUTES < 1 || late < early * 1.1 + 32, `RSS has grown: ${early} MiB at first, ${late} MiB later`);
});
