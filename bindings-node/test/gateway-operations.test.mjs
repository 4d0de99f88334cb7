// What an operator of `sluicegate serve` sees from outside: metrics, ids, a catalog that is read again, logs without content.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { IN_TIME, gatewayTo, ofBinary, openai, scripted, until } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const SECRET = 'a secret of mine';
const ASK = { model: 'gpt-5.5', messages: [{ role: 'user', content: SECRET }] };

describe('from outside', { ...IN_TIME, skip: ofBinary }, () => {
  const behind = async (context, options) => {
    const backend = await startStrictBackend();
    const gateway = await gatewayTo(backend.url, options);
    context.after(() => Promise.all([gateway.close(), backend.close()]));
    return { backend, gateway, client: openai(gateway) };
  };

  test('what is counted', async (context) => {
    const { gateway, client } = await behind(context);
    await client.chat.completions.create(ASK);
    await client.chat.completions.create({ ...ASK, stop: 'x' });
    await assert.rejects(client.chat.completions.create({ ...ASK, model: 'fail-429' }), { status: 429 });
    await gateway.logged();
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const value = (name) => Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
    assert.equal(value('sluicegate_requests_total{path="/v1/chat/completions",status="200"}'), 2);
    assert.equal(value('sluicegate_requests_total{path="/v1/chat/completions",status="429"}'), 1);
    assert.equal(value('sluicegate_outcomes_total{status="completed"}'), 2);
    assert.equal(value('sluicegate_failures_total{class="quota"}'), 1);
    assert.deepEqual(['input', 'output'].map((to) => value(`sluicegate_tokens_total{direction="${to}"}`)), [24, 14]);
    assert.ok(value('sluicegate_bytes_total{direction="received"}') > 1000);
    assert.ok(value('sluicegate_upstream_first_byte_seconds_count') >= 2);
    assert.equal(value('sluicegate_requests_under_way'), 1); // this one
    assert.ok(value('sluicegate_connections_open') >= 1);
    for (const line of text.trim().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) sluicegate_\w+ .+|sluicegate_\w+(\{(\w+="[^"]*",?)+\})? [0-9.e+-]+)$/);
    }
    const unknown = await fetch(`${gateway.url}/${SECRET}`);
    await unknown.text();
    assert.doesNotMatch(await (await fetch(`${gateway.url}/metrics`)).text(), /secret/);
  });

  test('one id, in the answer, in the log, upstream', async (context) => {
    const { backend, gateway, client } = await behind(context);
    const { response } = await client.chat.completions.create(ASK).withResponse();
    await gateway.logged();
    const id = response.headers.get('x-request-id');
    const { id: logged, inputTokens, outputTokens, attributes } = gateway.entries.at(-1);
    assert.deepEqual([attributes['gen_ai.response.model'], attributes['gen_ai.usage.cache_read.input_tokens']], ['gpt-5.5', 4]);
    assert.deepEqual([logged, backend.requests.at(-1).headers['x-client-request-id']], [id, id]);
    assert.deepEqual([inputTokens, outputTokens], [12, 7]);
    assert.doesNotMatch(JSON.stringify(gateway.entries), /secret|sk-test/);
    const headers = { 'x-client-request-id': 'mine' };
    await client.chat.completions.create(ASK, { headers });
    assert.equal(backend.requests.at(-1).headers['x-client-request-id'], 'mine');
  });

  test("the upstream's id is the client's, and in the log", async (context) => {
    const upstream = await scripted(async (response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'x-request-id': 'req_theirs', 'x-codex-plan-type': 'plus' });
      response.end('{"error":{"type":"usage_limit_reached","message":"Wait.","plan_type":"plus","resets_in_seconds":5}}');
    });
    const gateway = await gatewayTo(upstream.url);
    context.after(() => Promise.all([gateway.close(), upstream.close()]));
    const error = await openai(gateway).chat.completions.create(ASK).catch((error) => error);
    await gateway.logged();
    assert.deepEqual([error.status, error.requestID, error.headers.get('x-codex-plan-type')], [429, 'req_theirs', 'plus']);
    const { id, upstreamId } = gateway.entries.at(-1);
    assert.deepEqual([upstreamId, id.startsWith('req_')], ['req_theirs', true]);
  });

  test('a catalog that changes is read again', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluicegate-catalog-'));
    const catalog = join(folder, 'models.json');
    const write = (...ids) => writeFile(catalog, JSON.stringify({ data: ids.map((id) => ({ id })) }));
    await write('first-model');
    const { gateway, client } = await behind(context, { catalog });
    context.after(() => rm(folder, { recursive: true }));
    const names = async () => (await client.models.list()).data.map(({ id }) => id);
    assert.ok((await names()).includes('first-model'));
    await write('first-model', 'second-model');
    let seen = [];
    const poll = setInterval(async () => (seen = await names().catch(() => [])), 100);
    await until(() => seen.includes('second-model'), 'read again').finally(() => clearInterval(poll));
    await writeFile(catalog, '{');
    await until(() => gateway.entries.some(({ catalog }) => catalog === 'error'), 'reported');
    assert.ok((await names()).includes('second-model'));
  });
});
