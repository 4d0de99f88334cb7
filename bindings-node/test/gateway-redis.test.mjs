// Two gateways with one Redis, as `make test-redis` sets one up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayTo, openai, until } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const url = process.env.SLUICEGATE_REDIS;
const ASK = { model: 'gpt-5.5', input: 'Hi' };

test('a conversation goes on at another gateway', { skip: !url && 'no Redis' }, async (context) => {
  const backend = await startStrictBackend();
  const [first, second] = [await gatewayTo(backend.url, { store: url }), await gatewayTo(backend.url, { store: url })];
  context.after(() => Promise.all([first, second, backend].map(({ close }) => close())));
  const { id } = await openai(first).responses.create(ASK);
  await openai(second).responses.create({ ...ASK, previous_response_id: id });
  assert.equal(backend.requests.at(-1).body.input.length, 3);
});

test('a Redis that is down costs only those who go on', async (context) => {
  const backend = await startStrictBackend();
  const gateway = await gatewayTo(backend.url, { store: 'redis://127.0.0.1:1', storeTimeoutMs: 300 });
  context.after(() => Promise.all([gateway.close(), backend.close()]));
  const client = openai(gateway);
  const { id } = await client.responses.create(ASK);
  await assert.rejects(client.responses.create({ ...ASK, previous_response_id: id }), { status: 503, code: 'store' });
  await until(() => gateway.entries.some(({ unrecorded }) => unrecorded === 'store'), 'logged');
  assert.ok(gateway.entries.some(({ store, code }) => store === 'error' && /refused/i.test(code)));
});
