// Whole gateways, one beside the other: node run.mjs [ROUNDS] [SECONDS]. Each stands between the same upstream (stub.rs) and
// the same load, all on this machine; they take turns, so that what else the machine does hits all of them.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [ROUNDS = 3, SECONDS = 6] = process.argv.slice(2).map(Number);
const TOKENS = 200;
const PACE_MS = 20;
/** Streams at once: so few that nothing waits, many, and what the record wants. */
const OPEN = (process.env.OPEN ?? '100 1000 5000').split(' ').map(Number);

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const built = (name) => path(`../../target/release/${name}`);
const SERVE = ['--port', '0', '--upstream-websocket', 'off'];
const GATEWAYS = {
  'pass-through in Rust': (upstream) => [built('pass'), upstream],
  'sluicegate serve': (upstream) => [process.env.SERVE ?? built('sluicegate'), 'serve', '--upstream', upstream, ...SERVE],
  'pass-through in Node': (upstream) => [process.execPath, path('pass.mjs'), upstream],
  'the Node example': (upstream) => [process.execPath, path('../../bindings-node/examples/gateway/gateway.mjs'), '--upstream', upstream, ...SERVE],
};
const LITELLM = path('../.proxy/bin/litellm');
if (existsSync(LITELLM)) GATEWAYS['LiteLLM proxy'] = litellm;
const NAMES = (process.env.GATEWAYS?.split(',') ?? Object.keys(GATEWAYS)).filter((name) => name !== '');
/** It takes a core for some hundred events a second: more streams would only wait. */
const MOST_STREAMS = { 'LiteLLM proxy': 100 };

const run = promisify(execFile);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];

/** LiteLLM's own proxy, one worker, as its documentation sets it up for a Responses upstream. */
async function litellm(upstream) {
  const config = join(mkdtempSync(join(tmpdir(), 'litellm-')), 'config.yaml');
  const params = { model: 'openai/responses/gpt-5.5', api_base: upstream, api_key: 'sk-load' };
  writeFileSync(config, JSON.stringify({ model_list: [{ model_name: 'gpt-5.5', litellm_params: params }] }));
  const port = await freePort();
  return [LITELLM, '--config', config, '--host', '127.0.0.1', '--port', String(port), { url: `http://127.0.0.1:${port}` }];
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const ENV = { ...process.env, LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true', LITELLM_LOCAL_MODEL_COST_MAP: 'True' };

/** Once it answers at all. */
async function answers(url) {
  for (;;) {
    if (await fetch(url).then(() => true, () => false)) return;
    await wait(500);
  }
}

/** A server that prints its URL, or has it as the last argument; its log goes to a file, as it does where one runs. */
async function started(command) {
  const [program, ...args] = await command;
  const known = args.at(-1).url === undefined ? undefined : args.pop();
  const nowhere = openSync('/dev/null', 'w');
  const server = spawn(program, args, { stdio: ['ignore', known ? nowhere : 'pipe', nowhere], env: ENV });
  if (known) await answers(known.url);
  const line = known ? JSON.stringify(known) : (await once(server.stdout, 'data'))[0];
  const end = async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return { url: JSON.parse(line).url, end, ...measures(server.pid) };
}

function measures(pid) {
  const fields = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const kib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return { cpuMs: () => (Number(fields()[11]) + Number(fields()[12])) * 10, kib };
}

/** As many streams as go through: whole streams a second, and the CPU time of the gateway. */
async function throughput(name) {
  const upstream = await started([built('stub'), '0']);
  const gateway = name === undefined ? upstream : await started(GATEWAYS[name](upstream.url));
  await wrk(gateway.url, 2);
  const before = gateway.cpuMs();
  const { perSecond, count, bad } = await wrk(gateway.url, SECONDS);
  const cpuMs = gateway.cpuMs() - before;
  await Promise.all([...new Set([gateway, upstream])].map(({ end }) => end()));
  return { perSecond, bad, cpuMsPer1000Events: (cpuMs / (count * TOKENS)) * 1000 };
}

async function wrk(url, seconds) {
  const { stdout } = await run('wrk', ['-t2', '-c16', `-d${seconds}s`, '--timeout', '20s', '-s', path('post.lua'), `${url}/v1/chat/completions`]);
  const number = (pattern) => Number(pattern.exec(stdout)?.[1] ?? 0);
  const bad = number(/Non-2xx or 3xx responses: (\d+)/) + number(/Socket errors:.*read (\d+)/);
  return { perSecond: number(/Requests\/sec:\s+([\d.]+)/), count: number(/(\d+) requests in/), bad };
}

/** So many streams at once, a token every 20 ms: how long an event is on its way, memory and CPU time. */
async function open(name, streams) {
  const upstream = await started([built('stub'), PACE_MS]);
  const gateway = name === undefined ? upstream : await started(GATEWAYS[name](upstream.url));
  await wait(200);
  const [idle, warm] = [gateway.kib(), 6];
  const load = run(built('load'), [gateway.url, streams, warm, SECONDS].map(String));
  await wait(warm * 1000);
  const before = gateway.cpuMs();
  await wait(SECONDS * 500);
  const kib = (gateway.kib() - idle) / streams;
  await wait(SECONDS * 500 - 50);
  const cores = (gateway.cpuMs() - before) / (SECONDS * 1000 - 50);
  const { stdout } = await load;
  await Promise.all([...new Set([gateway, upstream])].map(({ end }) => end()));
  return { ...JSON.parse(stdout), kib, cores };
}

const table = (heads, rows) =>
  [heads, heads.map((head, at) => (at === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const title = (name) => name ?? 'none: the upstream itself';

async function main() {
  const cpu = cpus();
  const rustc = execFileSync('rustc', ['--version'], { encoding: 'utf8' }).trim();
  console.log(`${cpu[0].model}, ${cpu.length} cores, Linux ${release()}, ${rustc}, Node ${process.version}, ${ROUNDS} rounds, load average ${loadavg()[0].toFixed(1)}.\n`);
  const all = [undefined, ...NAMES];
  const got = new Map(all.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of all) got.get(name).push(await throughput(name));
  }
  const base = got.get('pass-through in Rust');
  const node = got.get('the Node example');
  const ratio = (rounds, to) => to && median(rounds.map(({ perSecond }, at) => perSecond / to[at].perSecond)).toFixed(2);
  const rows = all.map((name) => {
    const rounds = got.get(name);
    const of = (key) => median(rounds.map((round) => round[key]));
    return [title(name), of('perSecond').toFixed(0), ratio(rounds, base), ratio(rounds, node), of('cpuMsPer1000Events').toFixed(2), of('bad')];
  });
  const heads = ['gateway', 'streams/s', '× pass-through in Rust', '× the Node example', 'CPU-ms / 1,000 events', 'failed'];
  console.log(`No pauses, 16 connections (wrk), ${TOKENS} tokens a stream:\n\n${table(heads, rows)}\n`);

  for (const streams of OPEN) {
    const rows = [];
    for (const name of all.filter((name) => streams <= (MOST_STREAMS[name] ?? streams))) {
      const { events, cut, p50, p99, p999, kib, cores } = await open(name, streams);
      rows.push([title(name), (events / SECONDS).toFixed(0), cores.toFixed(2), `${kib.toFixed(1)}`, p50, p99, p999, cut]);
    }
    const heads = ['gateway', 'events/s', 'cores', 'KiB / stream', 'p50 µs', 'p99 µs', 'p99.9 µs', 'cut'];
    console.log(`${streams} open streams, a token every ${PACE_MS} ms; from the upstream's write to the client's read:\n\n${table(heads, rows)}\n`);
  }
}

if (!existsSync(built('sluicegate'))) throw new Error('make bench-gateways builds what this measures');
await main();
