// Messages beside the other dialects: what the classes give, and the fetch wrapper, for either side.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Collector, errorEnvelope, lint } from 'sluicegate';
import { wrapFetch } from 'sluicegate/fetch';
import { CHUNK, COMPLETED, DELTA, FAILED, FINISH, MESSAGE, bytes, text } from './streams.mjs';

const STREAMS = { chat: CHUNK + FINISH, responses: DELTA + COMPLETED, messages: MESSAGE };
const PATHS = { chat: '/chat/completions', responses: '/responses', messages: '/messages' };
const HI = [{ role: 'user', content: 'Hi' }];
const ASKED = {
  chat: { model: 'm', messages: HI },
  responses: { model: 'm', input: 'Hi' },
  messages: { model: 'm', max_tokens: 64, messages: HI },
};
const PAIRS = [['messages', 'responses'], ['messages', 'chat'], ['chat', 'messages'], ['responses', 'messages']];
const SLOW = '{"detail":"Slow down."}';

/** A fetch that answers each request with the same, and keeps what was sent. */
function server(body, init) {
  const sent = [];
  const fetch = async (url, options) => {
    sent.push({ url: String(url), headers: new Headers(options.headers), body: options.body });
    return new Response(body, init);
  };
  return Object.assign(fetch, { sent });
}

const post = (fetch, path, body, headers) =>
  fetch(`http://test/v1${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });

function folded(upstream, stream) {
  const collector = new Collector({ upstream });
  collector.feed(bytes(stream));
  collector.finish();
  return collector;
}

test('a Message of any upstream', () => {
  for (const [upstream, stream] of Object.entries(STREAMS)) {
    assert.equal(new Collector({ upstream }).finalMessage(), null);
    const message = JSON.parse(text(folded(upstream, stream).finalMessage()));
    assert.deepEqual([message.type, message.stop_reason, message.content[0].text], ['message', 'end_turn', 'Hello']);
    assert.equal(JSON.parse(text(folded(upstream, '').finalMessage())).type, 'error');
  }
});

test('findings in a stream of Messages', () => {
  assert.deepEqual(lint(MESSAGE, 'messages').filter(({ severity }) => severity === 'error'), []);
  const rules = lint(MESSAGE.replaceAll('event: ', ': '), 'claude_code').map(({ rule }) => rule);
  assert.ok(rules.includes('event_line'));
});

test('an envelope for a client of Messages', () => {
  const failure = { status: 429, headers: { 'retry-after': '2' }, body: SLOW };
  const plain = errorEnvelope(failure);
  const error = { type: 'rate_limit_error', message: 'Slow down.' };
  assert.deepEqual(errorEnvelope({ ...failure, dialect: 'chat' }), plain);
  assert.deepEqual(errorEnvelope({ ...failure, dialect: 'messages' }), { ...plain, body: { type: 'error', error } });
  assert.equal(errorEnvelope({ ...failure, dialect: 'messages', requestId: 'req_1' }).body.request_id, 'req_1');
  assert.throws(() => errorEnvelope({ dialect: 'pigeon' }), { code: 'invalid_option', path: 'dialect' });
  assert.throws(() => errorEnvelope({ dialect: 1 }), TypeError);
});

for (const [client, upstream] of PAIRS) {
  test(`over fetch: ${client} of ${upstream}`, async () => {
    const inner = server(STREAMS[upstream]);
    const fetch = wrapFetch(inner, { upstream });
    const streamed = await post(fetch, `${PATHS[client]}?beta=true`, { ...ASKED[client], stream: true });
    const whole = await (await post(fetch, PATHS[client], ASKED[client])).json();
    assert.deepEqual(inner.sent.map(({ url }) => url), ['?beta=true', ''].map((end) => `http://test/v1${PATHS[upstream]}${end}`));
    const collector = folded(client, await streamed.text());
    assert.equal(collector.outcome.status, 'completed');
    assert.match(text(collector.finalCompletion()), /"content":"Hello"/);
    assert.match(JSON.stringify(whole), /"(content|text)":"Hello"/);
  });
}

describe('over fetch', () => {
  test('what an upstream takes as it is passes through', async () => {
    for (const upstream of ['chat', 'messages']) {
      const inner = server(STREAMS[upstream]);
      const fetch = wrapFetch(inner, { upstream });
      assert.equal(await (await post(fetch, PATHS[upstream], '{')).text(), STREAMS[upstream]);
      await post(fetch, '/messages/count_tokens', '{}');
      assert.equal(inner.sent[0].body, '{');
      assert.equal(inner.sent[1].url, 'http://test/v1/messages/count_tokens');
    }
  });

  test('each message of a chat server has an id of its own', async () => {
    const fetch = wrapFetch(server(STREAMS.chat), { upstream: 'chat' });
    const ids = [];
    for (const stream of [false, false, true]) {
      const answer = await (await post(fetch, '/messages', { ...ASKED.messages, stream })).text();
      ids.push(/"id":"(msg_[0-9a-f]{32})"/.exec(answer)[1]);
    }
    assert.equal(new Set(ids).size, 3);
  });

  for (const [client, upstream, given, expected] of [
    ['messages', 'responses', { 'x-api-key': 'k' }, { authorization: 'Bearer k' }],
    ['messages', 'chat', { authorization: 'Bearer k' }, { authorization: 'Bearer k' }],
    ['chat', 'messages', { authorization: 'bearer k' }, { 'x-api-key': 'k' }],
    ['responses', 'messages', { authorization: 'Basic k' }, { authorization: 'Basic k' }],
    ['chat', 'responses', { 'x-api-key': 'k' }, { 'x-api-key': 'k' }],
    ['chat', 'messages', { 'x-api-key': 'a', authorization: 'Bearer b' }, { 'x-api-key': 'a', authorization: 'Bearer b' }],
  ]) {
    test(`a key goes where the upstream reads it: ${client} of ${upstream}, ${JSON.stringify(given)}`, async () => {
      const inner = server(STREAMS[upstream]);
      await post(wrapFetch(inner, { upstream }), PATHS[client], ASKED[client], given);
      const sent = Object.fromEntries([...inner.sent[0].headers].filter(([name]) => /^(x-api-key|authorization)$/.test(name)));
      assert.deepEqual(sent, expected);
    });
  }

  for (const [body, init, status, type, message] of [
    [SLOW, { status: 429, headers: { 'retry-after': '2' } }, 429, 'rate_limit_error', /^Slow down\.$/],
    [FAILED, {}, 502, 'api_error', /^busy$/],
    ['data: {"type":"response.created","response":{}}\n\n', {}, 502, 'api_error', /upstream/],
    ['<html><title>502 Bad Gateway</title>', {}, 502, 'api_error', /502 Bad Gateway/],
    ['{"error":{"code":"context_length_exceeded","message":"Too long"}}', { status: 400 }, 400, 'invalid_request_error', /^prompt is too long/],
  ]) {
    for (const stream of [false, true]) {
      test(`a failure is in the client's form: ${body.slice(0, 40)}, stream ${stream}`, async () => {
        const outcomes = [];
        const fetch = wrapFetch(server(body, init), { upstream: 'responses', onOutcome: (outcome) => outcomes.push(outcome) });
        const answer = await post(fetch, '/messages', { ...ASKED.messages, stream });
        const { type: kind, error } = await answer.json();
        assert.deepEqual([answer.status, kind, error.type], [status, 'error', type]);
        assert.match(error.message, message);
        assert.equal(answer.headers.get('retry-after'), status === 429 ? '2' : null);
        assert.ok('param' in outcomes[0].error);
      });
    }
  }

  test('a request that must not be sent is refused in the client’s form', async () => {
    const inner = server('');
    const answer = await post(wrapFetch(inner, { upstream: 'responses' }), '/messages', '{');
    const { type, error } = await answer.json();
    assert.deepEqual([answer.status, type, error.type, inner.sent.length], [400, 'error', 'invalid_request_error', 0]);
  });
});

describe('the official client', () => {
  const known = { apiKey: 'k', maxRetries: 0 };

  for (const upstream of ['responses', 'chat']) {
    test(`of Messages, on ${upstream}`, async () => {
      const on = (...answer) => new Anthropic({ ...known, baseURL: 'http://test', fetch: wrapFetch(server(...answer), { upstream }) });
      const client = on(STREAMS[upstream]);
      assert.equal((await client.messages.create(ASKED.messages)).content[0].text, 'Hello');
      const message = await client.messages.stream(ASKED.messages).finalMessage();
      assert.deepEqual([message.content[0].text, message.stop_reason], ['Hello', 'end_turn']);
      await assert.rejects(on(SLOW, { status: 429 }).messages.create(ASKED.messages), Anthropic.RateLimitError);
    });
  }

  test('of OpenAI, on Messages', async () => {
    const fetch = wrapFetch(server(MESSAGE), { upstream: 'messages' });
    const client = new OpenAI({ ...known, baseURL: 'http://test/v1', fetch });
    assert.equal((await client.responses.create(ASKED.responses)).output_text, 'Hello');
    assert.equal((await client.chat.completions.create(ASKED.chat)).choices[0].message.content, 'Hello');
  });
});
