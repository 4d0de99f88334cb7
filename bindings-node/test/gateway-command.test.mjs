// The gateway and its demo as commands.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMPLETED, CREATED, begin, delta, isExample, ofBinary, ofExample, openai } from './gateways.mjs';
import { scripted, sse, start, until, write } from './gateways.mjs';

const ASK = { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] };

async function textOf(stream) {
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}

const DEMO = fileURLToPath(new URL('../examples/gateway/demo.mjs', import.meta.url));

test('it ends what is under way on SIGTERM, and logs neither content nor secrets', async (context) => {
  let finish;
  const answer = async (response) => {
    begin(response);
    await write(response, Buffer.concat([CREATED, delta('Hel')].map(sse)));
    await new Promise((done) => (finish = done));
    response.end(Buffer.concat([delta('lo'), COMPLETED].map(sse)));
  };
  const upstream = await scripted(answer);
  const gateway = start('--upstream', upstream.url, '--port', '0');
  context.after(() => Promise.all([gateway.kill('SIGKILL'), upstream.close()]));
  const logged = gateway.stderr.toArray();
  const [line] = await once(gateway.stdout, 'data');
  const { url } = JSON.parse(line);
  const text = textOf(await openai({ url }).chat.completions.create(ASK));
  await until(() => finish !== undefined, 'under way');
  gateway.kill('SIGTERM');
  while (await fetch(`${url}/healthz`).then(({ ok }) => ok, () => false));
  finish();
  const ended = once(gateway, 'exit');
  assert.equal(await text, 'Hello');
  assert.deepEqual(await ended, [0, null]);
  const log = Buffer.concat(await logged).toString();
  const [first, ...checks] = log.trim().split('\n').map((line) => JSON.parse(line)).reverse();
  assert.ok(checks.every(({ path }) => path === '/healthz'));
  const { outcome, status, notes, ms, id, attributes, ...rest } = first;
  if (!isExample) assert.match(id, /^req_[0-9a-f]{32}$/);
  if (!isExample) assert.equal(attributes['gen_ai.response.model'], undefined); // the upstream named none
  assert.deepEqual([outcome, status, notes, typeof ms], ['completed', 200, 0, 'number']);
  const others = ['changes', 'isCut', 'method', 'path', 'reason', 'retries', 'transport'];
  assert.deepEqual(Object.keys(rest).sort(), others);
});

test('a log that nobody reads makes no answer wait', { timeout: 60_000, skip: ofBinary }, async (context) => {
  const gateway = start('--upstream', 'http://127.0.0.1:1', '--port', '0');
  context.after(() => gateway.kill('SIGKILL'));
  const [line] = await once(gateway.stdout, 'data');
  const { url } = JSON.parse(line);
  const check = async () => assert.equal((await fetch(`${url}/healthz`)).status, 200);
  // 112 bytes each: far more than a pipe holds, and than may wait.
  for (let round = 0; round < 120; round += 1) await Promise.all(Array.from({ length: 50 }, check));
  const lines = [];
  createInterface({ input: gateway.stderr }).on('line', (line) => lines.push(JSON.parse(line)));
  await until(() => lines.some(({ log }) => log === 'lost'), 'what is lost is counted');
  const lost = () => lines.reduce((all, { log, lines = 0 }) => all + (log === 'lost' ? lines : 0), 0);
  const whole = () => lines.filter(({ path }) => path === '/healthz').length;
  await until(() => whole() + lost() === 6000, 'each line is there, or counted');
});

test('wrong flags are reported', async () => {
  const wrong = [[[], /--upstream/], [['--upstream', 'http://x', '--port', 'y'], /--port/], [['--no'], /--no/]];
  for (const [flags, wording] of wrong) {
    const gateway = start(...flags);
    const got = gateway.stderr.toArray();
    assert.deepEqual(await once(gateway, 'exit'), [2, null]);
    assert.match(Buffer.concat(await got).toString(), wording);
  }
});

test('the demo prints a request that works', { skip: ofExample }, async (context) => {
  const env = { ...process.env, PORT: '0' };
  const demo = spawn(process.execPath, [DEMO], { env });
  context.after(() => demo.kill('SIGKILL'));
  const [printed] = await once(demo.stdout, 'data');
  const [, url, body] = /curl -N (\S+) -H '.*' -d '(.*)'/.exec(printed.toString());
  const answer = await fetch(url, { method: 'POST', body });
  assert.match(await answer.text(), /Hello[^]*data: \[DONE\]/);
});
