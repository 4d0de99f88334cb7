// What is killed or frozen around the gateway: the upstream, Redis, a client. Each failure is typed, nothing hangs, and what
// comes after is served.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CREATED, IN_TIME, begin, delta, gatewayTo, openai, scripted, sse, until, write } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const UPSTREAM = fileURLToPath(new URL('dying-upstream.mjs', import.meta.url));
const ask = (model, stream = true) => ({ model, stream, messages: [{ role: 'user', content: 'Hi' }] });
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

describe('an upstream that is killed', IN_TIME, () => {
  const behind = async (context) => {
    const upstream = spawn(process.execPath, [UPSTREAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: upstream.stdout }), 'line');
    const gateway = await gatewayTo(JSON.parse(line).url);
    context.after(() => Promise.all([upstream.kill('SIGKILL'), gateway.close()]));
    return { upstream, gateway, client: openai(gateway) };
  };

  test('while it streams: the client is told, and what was sent stays', async (context) => {
    const { upstream, gateway, client } = await behind(context);
    const parts = [];
    const reading = (async () => {
      for await (const part of await client.chat.completions.create(ask('long'))) parts.push(part);
    })();
    await until(() => parts.length > 3, 'streaming');
    upstream.kill('SIGKILL');
    await assert.rejects(reading, /ended before|truncated|cut|ended early/i);
    assert.ok(parts.every(({ choices }) => choices[0]?.finish_reason == null), 'no end is invented');
    await gateway.logged();
    assert.equal(gateway.entries.at(-1).outcome, 'truncated');
  });

  for (const stream of [true, false]) {
    test(`before it answers, stream: ${stream}: a 502`, async (context) => {
      const { upstream, gateway, client } = await behind(context);
      const asked = client.chat.completions.create(ask('mute', stream));
      await wait(300);
      upstream.kill('SIGKILL');
      await assert.rejects(asked, { status: 502, type: 'server_error' });
      await assert.rejects(client.chat.completions.create(ask('short', stream)), { status: 502, type: 'server_error' });
      await gateway.logged();
      assert.ok(gateway.entries.every((entry) => entry.class !== undefined && !entry.isCut));
    });
  }

  test('between requests, and started again: its old connections are not used', async (context) => {
    let answered = 0;
    const answer = async (response) => {
      begin(response).end(Buffer.concat([CREATED, delta('Hello'), { type: 'response.completed', response: { id: 'r', status: 'completed' } }].map(sse)));
      answered += 1;
    };
    const first = await scripted(answer);
    const gateway = await gatewayTo(first.url);
    context.after(gateway.close);
    const client = openai(gateway);
    await client.chat.completions.create(ask('m', false));
    await first.close();
    await assert.rejects(client.chat.completions.create(ask('m', false)), { status: 502 });
    const again = await scripted(answer, Number(new URL(first.url).port));
    context.after(again.close);
    await client.chat.completions.create(ask('m', false));
    assert.equal(answered, 2);
  });
});

test('a client that is killed costs its own stream alone', IN_TIME, async (context) => {
  const upstream = await scripted(async (response) => {
    begin(response);
    await write(response, sse(CREATED));
    while (await write(response, sse(delta('more ')))) await wait(10);
  });
  const gateway = await gatewayTo(upstream.url);
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const body = JSON.stringify(ask('m'));
  const client = spawn('curl', ['-sN', '-d', body, '-H', 'content-type: application/json', `${gateway.url}/v1/chat/completions`]);
  await once(client.stdout, 'data');
  const killed = performance.now();
  client.kill('SIGKILL');
  await upstream.requests[0].closed;
  assert.ok(performance.now() - killed < 2000);
  await until(() => gateway.entries.length === 1, 'logged');
  assert.equal(gateway.entries[0].isCut, true);
});

const hasRedis = spawnSync('redis-server', ['--version']).error === undefined;
describe('a Redis', { ...IN_TIME, skip: !hasRedis && 'no redis-server' }, () => {
  const FIRST = { model: 'gpt-5.5', input: 'Hi' };
  const behind = async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluicegate-redis-'));
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const args = ['--bind', '127.0.0.1', '--port', port, '--save', '', '--dir', folder];
    const redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const line of createInterface({ input: redis.stdout })) if (line.includes('Ready to accept')) break;
    const backend = await startStrictBackend();
    const gateway = await gatewayTo(backend.url, { store: `redis://127.0.0.1:${port}`, storeTimeoutMs: 500 });
    context.after(async () => {
      redis.kill('SIGKILL');
      await Promise.all([gateway.close(), backend.close()]);
      await rm(folder, { recursive: true });
    });
    return { redis, gateway, client: openai(gateway) };
  };

  for (const signal of ['SIGKILL', 'SIGSTOP']) {
    test(`that gets a ${signal}: those who go on get a 503 in time, others are served`, async (context) => {
      const { redis, client } = await behind(context);
      const { id } = await client.responses.create(FIRST);
      const { id: second } = await client.responses.create({ ...FIRST, previous_response_id: id });
      redis.kill(signal);
      const asked = performance.now();
      await assert.rejects(client.responses.create({ ...FIRST, previous_response_id: second }), { status: 503, code: 'store' });
      await client.responses.create(FIRST);
      await client.chat.completions.create(ask('gpt-5.5', false));
      assert.ok(performance.now() - asked < 5000);
      if (signal === 'SIGKILL') return;
      redis.kill('SIGCONT');
      await client.responses.create({ ...FIRST, previous_response_id: second });
    });
  }
});
