// The official client through our fetch, against the strict backend, which only speaks streaming /responses.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import { Continuation, MemoryStore, SluicegateError } from 'sluicegate';
import { chatOverResponses } from 'sluicegate/fetch';
import {
  ANSWER, ASK, FETCHES, HI, TEXT,
  clientOn, gathered, listen, mocked, plainClient, recorded, textOf,
} from './drop-in.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { upstream } from './streams.mjs';

let backend;
before(async () => (backend = await startStrictBackend()));
after(() => backend.close());

const url = () => `${backend.url}/backend-api/codex`;
const INPUT = { model: 'gpt-5.5', input: 'Hi' };
const SCHEMA = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };

const tool = (name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } });

test('without our fetch the client gets nowhere', async () => {
  const client = plainClient(url(), fetch);
  await assert.rejects(client.chat.completions.create(ASK), OpenAI.NotFoundError);
  for (const stream of [false, true]) {
    await assert.rejects(client.responses.create({ ...INPUT, stream }), OpenAI.BadRequestError);
  }
});

for (const fetch of FETCHES) {
  describe(`over ${fetch.name}`, () => {
    const on = (options) => clientOn(url(), fetch, options);

    test('a chat stream, with usage', async () => {
      const inner = recorded(fetch);
      const asked = { ...ASK, stream: true, stream_options: { include_usage: true } };
      const chunks = await gathered(clientOn(url(), inner).chat.completions.create(asked));
      assert.equal(textOf(chunks), TEXT);
      const { usage } = chunks.at(-1);
      assert.deepEqual([usage.total_tokens, usage.prompt_tokens_details.cached_tokens], [19, 4]);
      assert.ok(chunks.every(({ model }) => model === 'gpt-5.5'));
      const [sent] = inner.sent;
      assert.equal(sent.url.pathname, '/backend-api/codex/responses');
      const { authorization, accept, originator } = sent.headers;
      assert.deepEqual([authorization, accept, originator], ['Bearer sk-test', 'text/event-stream', 'codex_cli_rs']);
      assert.equal(sent.body.stream, true);
    });

    test('headers are those of the transport', async () => {
      const inner = recorded(fetch);
      for (const request of [{}, { transport: 'websocket' }]) {
        const send = chatOverResponses(inner, { request });
        await send(`${url()}/responses`, { method: 'POST', body: JSON.stringify({ model: 'gpt-5.5', input: 'Hi' }) });
      }
      assert.deepEqual(inner.sent.map(({ headers }) => 'openai-beta' in headers), [false, true]);
    });

    test('a chat completion', async () => {
      const { object, choices, usage } = await on().chat.completions.create(ASK);
      const [{ message, finish_reason: finish }] = choices;
      assert.deepEqual([object, message.content, finish], ['chat.completion', TEXT, 'stop']);
      assert.equal(usage.completion_tokens, 7);
    });

    test('a Response, streamed and not', async () => {
      const response = await on().responses.create({ ...INPUT, max_output_tokens: 8192 });
      const events = await gathered(on().responses.create({ ...INPUT, stream: true }));
      const final = await on().responses.stream(INPUT).finalResponse();
      assert.equal(response.output_text, TEXT);
      for (const { status, output, usage } of [response, events.at(-1).response, final]) {
        assert.deepEqual([status, output[0].content[0].text, usage.total_tokens], ['completed', TEXT, 19]);
      }
    });

    test('two tool calls and a second turn', async () => {
      const names = ['a', 'b'].map((end) => `a_tool_with_a_name_longer_than_any_backend_takes_${end.repeat(20)}`);
      const messages = [{ role: 'user', content: 'Use the tools.' }];
      const asked = { ...ASK, messages, tools: names.map(tool) };
      const whole = await on().chat.completions.create(asked);
      const streamed = await on().chat.completions.stream(asked).finalChatCompletion();
      for (const { choices: [{ message, finish_reason: finish }] } of [whole, streamed]) {
        const calls = message.tool_calls.map(({ function: { name, arguments: given } }) => [name, given]);
        assert.deepEqual(calls, [[names[0], '{"q":1}'], [names[1], '{"q":2}']]);
        assert.equal(finish, 'tool_calls');
        const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: '42' }));
        const again = { ...asked, messages: [...messages, message, ...results] };
        assert.equal((await on().chat.completions.create(again)).choices[0].message.content, TEXT);
      }
    });

    test('an image', async () => {
      const asked = { model: 'gpt-5.5', input: 'An image of a cat', tools: [{ type: 'image_generation' }] };
      const response = await on().responses.create(asked);
      const events = await gathered(on().responses.create({ ...asked, stream: true }));
      for (const { output: [item] } of [response, events.at(-1).response]) {
        assert.equal(item.type, 'image_generation_call');
        assert.ok(item.result.startsWith('iVBOR'));
      }
    });

    test('JSON by a schema', async () => {
      const format = { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA } };
      const asked = { ...ASK, response_format: format };
      const { choices: [{ message }] } = await on().chat.completions.create(asked);
      assert.deepEqual(JSON.parse(message.content), { ok: true });
      const parsed = await on().chat.completions.parse(asked);
      assert.deepEqual(JSON.parse(parsed.choices[0].message.content), { ok: true });
    });

    test('previous_response_id', async () => {
      const memory = new MemoryStore();
      const awaited = { get: async (key) => memory.get(key), put: async (...record) => memory.put(...record) };
      for (const store of [memory, awaited]) {
        for (const stream of [false, true]) {
          const inner = recorded(fetch);
          const continuation = new Continuation('tenant', { recordUnstored: true });
          const client = clientOn(url(), inner, { continuation, store });
          const asked = { ...INPUT, stream };
          const got = async (given) => {
            const answer = await client.responses.create(given);
            return stream ? (await gathered(answer)).at(-1).response : answer;
          };
          const { id } = await got({ ...asked, model: 'slow' }); // the end comes long after the beginning
          const second = await got({ ...asked, previous_response_id: id });
          assert.equal(second.previous_response_id, id);
          assert.equal(inner.sent[1].body.input.length, 3);
          await assert.rejects(got({ ...asked, previous_response_id: 'resp_unknown' }), /resp_unknown/);
        }
      }
    });
  });
}

test('an answer is recorded once, before the client has its end', async () => {
  const keys = [];
  const store = { get: () => null, put: async (key) => void keys.push(key) };
  const options = { continuation: new Continuation('tenant', { recordUnstored: true }), store };
  const { stream } = upstream([...ANSWER, ': more\n\n', ': and more\n\n']);
  const send = chatOverResponses(mocked(stream), options);
  const body = JSON.stringify({ ...INPUT, stream: true });
  const response = await send('http://test/responses', { method: 'POST', body });
  let sent = '';
  for await (const frames of response.body) {
    sent += Buffer.from(frames);
    if (sent.includes('response.completed')) assert.equal(keys.length, 1);
  }
  const [id] = /resp_[0-9a-f]{32}/.exec(sent);
  assert.deepEqual(keys, [options.continuation.key(id)]);
});

test('reasoning goes back to where it came from, and nowhere else', async () => {
  const output = [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'secret' }];
  const end = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output } };
  const inner = recorded(mocked(`data: ${JSON.stringify(end)}\n\n`));
  const options = { continuation: new Continuation('tenant', { recordUnstored: true }), store: new MemoryStore() };
  const on = (origin) => clientOn('http://test', inner, { ...options, request: { origin } }).responses;
  const { id } = await on('here').create(INPUT);
  for (const origin of ['here', 'there']) {
    await on(origin).create({ ...INPUT, previous_response_id: id });
    const isSent = inner.sent.at(-1).body.input.some(({ type }) => type === 'reasoning');
    assert.equal(isSent, origin === 'here', origin);
  }
});

test('the hooks get what was changed and the outcome', async () => {
  const [requests, outcomes] = [[], []];
  const onRequest = (request) => requests.push(request);
  const onOutcome = (outcome) => outcomes.push(outcome.status);
  const client = clientOn(url(), fetch, { onRequest, onOutcome });
  await client.chat.completions.create({ ...ASK, stop: 'x' });
  await gathered(client.chat.completions.create({ ...ASK, stream: true }));
  assert.ok(requests[0].changes.some(({ path }) => path === 'stop'));
  assert.deepEqual(outcomes, ['completed', 'completed']);
  const strict = clientOn(url(), fetch, { request: { strict: true } });
  await assert.rejects(strict.chat.completions.create({ ...ASK, stop: 'x' }), /stop/);
});

test('the answer is in the dialect of the path', async () => {
  const send = chatOverResponses(mocked(ANSWER.join('')));
  for (const [path, mark] of [['chat/completions', 'chat.completion'], ['responses', '"resp_1"']]) {
    for (const shape of [{ messages: HI }, { input: 'Hi' }]) {
      for (const stream of [false, true]) {
        const body = JSON.stringify({ ...shape, model: 'gpt-5.5', stream });
        const response = await send(`http://test/v1/${path}`, { method: 'POST', body });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), stream ? 'text/event-stream' : 'application/json');
        assert.ok((await response.text()).includes(mark));
      }
    }
  }
});

test('a plain Response is the answer that it is', async () => {
  const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] }];
  const page = JSON.stringify({ id: 'resp_1', object: 'response', status: 'completed', output });
  for (const texts of [[page], [' ', page.slice(0, 9), page.slice(9)]]) {
    const on = () => clientOn('http://test', mocked(upstream(texts).stream));
    assert.equal((await on().chat.completions.create(ASK)).choices[0].message.content, 'Hello');
    assert.equal((await on().responses.create(INPUT)).output_text, 'Hello');
    assert.equal(textOf(await gathered(on().chat.completions.create({ ...ASK, stream: true }))), 'Hello');
    const events = await gathered(on().responses.create({ ...INPUT, stream: true }));
    assert.equal(events.at(-1).response.output[0].content[0].text, 'Hello');
  }
});

test('other paths pass through untouched', async () => {
  const calls = [];
  const answer = new Response('{}');
  const send = chatOverResponses(async (...given) => {
    calls.push(given);
    return answer;
  });
  const init = { method: 'POST', body: '{ }' };
  const request = new Request('http://test/v1/files', init);
  const given = [['http://test/v1/models', undefined], ['http://test/v1/embeddings', init], [request, undefined]];
  for (const args of [...given, [new URL('http://test/v1/responses/resp_1'), undefined], ['/v1/responses', init]]) {
    assert.equal(await send(...args), answer);
    const call = calls.at(-1);
    assert.ok(call[0] === args[0] && call[1] === args[1]);
  }
  assert.equal(request.bodyUsed, false);
});

test('queries stay and encodings are undone', async (t) => {
  const seen = [];
  const base = await listen(t, ({ url }, response) => {
    seen.push(url);
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] };
    response.writeHead(200, headers).end(gzipSync(ANSWER.join('')));
  });
  const send = chatOverResponses(fetch, { profile: 'openai' });
  const asked = { method: 'POST', body: JSON.stringify(ASK) };
  const response = await send(`${base}/a%2Fb/chat/completions?api-version=1`, asked);
  assert.deepEqual(seen, ['/v1/a%2Fb/responses?api-version=1']);
  assert.equal((await response.json()).choices[0].message.content, 'Hello');
  assert.equal(response.headers.get('content-encoding'), null);
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
});

test('a redirect is followed, with the converted request', async (test) => {
  const seen = [];
  const base = await listen(test, (request, response, body) => {
    seen.push([request.url, JSON.parse(body).input?.length]);
    if (seen.length === 1) response.writeHead(307, { location: '/elsewhere/' }).end();
    else response.end(ANSWER.join(''));
  });
  const { choices } = await clientOn(base, fetch).chat.completions.create(ASK);
  assert.equal(choices[0].message.content, 'Hello');
  assert.deepEqual(seen, [['/v1/responses', 1], ['/elsewhere/', 1]]);
});

test('one that is not followed is no failure to send again', async () => {
  const client = clientOn('http://test/v1', mocked(null, { status: 302, headers: { location: '/login?next=1' } }));
  await assert.rejects(client.chat.completions.create(ASK), { status: 404, message: '404 upstream redirects to /login' });
});

test('an onRequest that rejects is one that throws', async () => {
  const client = clientOn('http://test/v1', mocked(ANSWER.join('')), { onRequest: async () => Promise.reject(new Error('no')) });
  await assert.rejects(client.chat.completions.create(ASK), ({ cause }) => cause.message === 'no');
});

test('everything that fetch takes', async () => {
  const target = `${url()}/chat/completions`;
  const body = JSON.stringify({ ...ASK, stream: true });
  const inner = recorded(fetch);
  const send = chatOverResponses(inner);
  const headers = { Authorization: 'Bearer sk-test', 'content-length': String(body.length) };
  const pairs = Object.entries(headers);
  const blob = new Blob([body]);
  const calls = [
    [target, { method: 'post', headers, body }],
    [new URL(target), { method: 'POST', headers: pairs, body: Buffer.from(body) }],
    [target, { method: 'POST', headers: new Headers(headers), body: blob.stream(), duplex: 'half' }],
    [new Request(target, { method: 'POST', headers, body, redirect: 'error' })],
    [new Request(target, { method: 'POST', body: '{}' }), { headers, body: blob }],
  ];
  for (const given of calls) {
    const response = await send(...given);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /strict[^]*data: \[DONE\]/);
    const { headers: sent } = inner.sent.at(-1);
    assert.deepEqual([sent.authorization, sent['content-length']], ['Bearer sk-test', undefined]);
  }
  assert.equal(inner.sent[3].redirect, 'error');
});

test('wrong options throw when it is made', () => {
  const tenant = new Continuation('tenant');
  for (const wrong of [{ profile: 'nonsense' }, { nonsense: 1 }, { reasoning: 1 }, { request: { nonsense: 1 } }]) {
    assert.throws(() => chatOverResponses(fetch, wrong), SluicegateError);
  }
  const store = new MemoryStore();
  const alone = [{ store }, { continuation: tenant }, { continuation: {}, store }];
  const own = [{ context: {} }, { previousResponseId: 'r' }, { previous_response_id: 'r' }];
  for (const wrong of [...alone, ...own, { onOutcome: 'log' }, { onRequest: 1 }, { request: 'strict' }, null]) {
    assert.throws(() => chatOverResponses(fetch, wrong), TypeError);
  }
  assert.throws(() => chatOverResponses(undefined), TypeError);
  chatOverResponses(fetch, { profile: null, store: null, context: null, onOutcome: null });
});
