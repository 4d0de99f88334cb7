// What a client learns of a usage limit, through our fetch: when to come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapFetch } from 'sluicegate/fetch';
import { HI, mocked } from './drop-in.mjs';

const MEMBERS = { plan_type: 'plus', resets_at: 1_767_225_690, resets_in_seconds: 90 };
const LIMIT = { type: 'usage_limit_reached', message: 'The usage limit has been reached', ...MEMBERS };
const HEADERS = { 'x-codex-primary-used-percent': '100', 'x-codex-primary-reset-after-seconds': '90' };
const ASKED = {
  '/v1/chat/completions': { messages: HI },
  '/v1/responses': { input: 'Hi' },
  '/v1/messages': { messages: HI, max_tokens: 64 },
};
const data = (event) => `data: ${JSON.stringify(event)}\n\n`;
const FAILED = data({ type: 'response.failed', response: { id: 'resp_1', status: 'failed', error: LIMIT } });
const BODY = JSON.stringify({ error: LIMIT });
const ANSWERS = {
  'a status': [429, BODY],
  'an event': [200, data({ type: 'error', status: 429, error: LIMIT })],
  'a response': [200, data({ type: 'response.created', response: { id: 'resp_1' } }) + FAILED],
  'a late response': [200, data({ type: 'response.output_text.delta', delta: 'Hi' }) + FAILED],
};

async function ask(upstream, [status, body], path, stream) {
  const headers = { ...HEADERS, 'retry-after': '90', 'content-type': status === 200 ? 'text/event-stream' : 'application/json' };
  const send = wrapFetch(mocked(body, { status, headers }), { upstream });
  const asked = JSON.stringify({ model: 'gpt-5.5', stream, ...ASKED[path] });
  return send(`http://test${path}`, { method: 'POST', body: asked });
}

/** Of a body, or of the event that has it. */
function errorOf(body) {
  const lines = body.split('\n').filter((line) => line.startsWith('data: {'));
  const events = lines.length > 0 ? lines.map((line) => JSON.parse(line.slice(6))) : [JSON.parse(body)];
  const [error, ...more] = events.map((event) => event.error ?? event.response?.error).filter(Boolean);
  assert.deepEqual(more, []);
  return error;
}

const only = (all, names) => Object.fromEntries(Object.keys(names).map((name) => [name, all(name)]));

async function check(got) {
  const error = errorOf(await got.text());
  assert.deepEqual(only((name) => error[name], MEMBERS), MEMBERS);
  assert.deepEqual(only((name) => got.headers.get(name), HEADERS), HEADERS);
}

for (const [kind, answer] of Object.entries(ANSWERS)) {
  for (const path of Object.keys(ASKED)) {
    for (const stream of [false, true]) {
      test(`${kind}, to ${path}, ${stream ? 'as a stream' : 'whole'}`, async () => {
        const got = await ask('responses', answer, path, stream);
        await check(got);
        // To a Responses client everything of a stream is passed on.
        const hasOutput = kind === 'a late response' || (kind === 'a response' && path === '/v1/responses');
        const status = [got.status, got.headers.get('retry-after')];
        if (stream && hasOutput) assert.equal(status[0], 200);
        else assert.deepEqual(status, [429, '90']);
      });
    }
  }
}

for (const [upstream, ...paths] of [
  ['chat', '/v1/responses', '/v1/messages'],
  ['messages', '/v1/responses', '/v1/chat/completions'],
]) {
  for (const path of paths) {
    for (const stream of [false, true]) {
      test(`of ${upstream}, to ${path}, ${stream ? 'as a stream' : 'whole'}`, async () => {
        const got = await ask(upstream, [429, BODY], path, stream);
        await check(got);
        assert.deepEqual([got.status, got.headers.get('retry-after')], [429, '90']);
      });
    }
  }
}
