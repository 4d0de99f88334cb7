// What the official client sees of failures, through our fetch.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import { Continuation } from 'sluicegate';
import { chatOverResponses } from 'sluicegate/fetch';
import { ASK, CREATED, FETCHES, HI, TEXT, clientOn, gathered, listen, mocked, recorded } from './drop-in.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { DELTA, FAILED, iterable, upstream } from './streams.mjs';

let backend;
before(async () => (backend = await startStrictBackend()));
after(() => backend.close());

const url = () => `${backend.url}/backend-api/codex`;

/** Neither a status nor the connection: a failure of the stream. */
const ofTheStream = ({ constructor, status }) => constructor === OpenAI.APIError && status === undefined;

/** What a chat request, streamed or not, ends in. */
async function failure(client, asked) {
  const answered = client.chat.completions.create(asked).then((answer) => (asked.stream ? gathered(answer) : answer));
  return answered.then(() => assert.fail('it was answered'), (error) => error);
}

for (const fetch of FETCHES) {
  describe(`over ${fetch.name}`, () => {
    for (const [model, status] of [['fail-429', 429], ['fail-500-html', 500], ['fail-stream-first', 503]]) {
      test(`${model} is a status`, async () => {
        for (const stream of [false, true]) {
          const outcomes = [];
          const client = clientOn(url(), fetch, { onOutcome: (outcome) => outcomes.push(outcome) });
          const error = await failure(client, { model, messages: HI, stream });
          assert.equal(error.status, status);
          const [reported, ...more] = outcomes;
          assert.deepEqual([reported.status, reported.failure.status, more], ['failed', status, []]);
          assert.equal(reported.error.message, error.error.message);
          assert.deepEqual(Object.keys(reported.failure).sort(), ['class', 'retry_after_ms', 'status']);
          assert.equal(error.headers.get('content-type'), 'application/json');
          assert.ok(error.error.message.length > 0);
          if (status !== 429) continue;
          assert.equal(error.headers.get('x-codex-primary-used-percent'), '100');
          assert.equal(error.error.type, 'usage_limit_reached');
        }
      });
    }

    for (const [model, reported] of [['fail-stream-late', 'failed'], ['cut', 'truncated']]) {
      test(`${model} is in the stream`, async () => {
        const outcomes = [];
        const client = clientOn(url(), fetch, { onOutcome: ({ status }) => outcomes.push(status) });
        const error = await failure(client, { model, messages: HI, stream: true });
        assert.ok(ofTheStream(error), `${error}`);
        const events = await gathered(client.responses.create({ model, input: 'Hi', stream: true }));
        assert.equal(events.at(-1).type, 'response.failed');
        // Where nothing was passed on there is still a status.
        assert.ok(await failure(client, { model, messages: HI }) instanceof OpenAI.InternalServerError);
        await assert.rejects(client.responses.create({ model, input: 'Hi' }), OpenAI.InternalServerError);
        assert.deepEqual(outcomes, Array(4).fill(reported));
      });
    }

    test('a connection that is reset is a cut stream', async (t) => {
      const base = await listen(t, async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(CREATED + DELTA + DELTA.slice(0, 30), () => response.socket.resetAndDestroy());
      });
      const send = chatOverResponses(fetch);
      const asked = { method: 'POST', body: JSON.stringify({ ...ASK, stream: true }) };
      const got = await (await send(`${base}/chat/completions`, asked)).text();
      assert.match(got, /"content":"Hello"[^]*"code":"upstream_truncated"\}\}\n\ndata: \[DONE\]\n\n$/);
      assert.doesNotMatch(got, /"finish_reason":"/);
    });

    test('no connection is thrown', async () => {
      const error = await failure(clientOn('http://127.0.0.1:1/v1', fetch), { ...ASK, stream: true });
      assert.ok(error instanceof OpenAI.APIConnectionError);
    });
  });
}

test('a request that must not be sent is rejected', async () => {
  const inner = recorded(fetch);
  for (const stream of [false, true]) {
    const error = await failure(clientOn(url(), inner), { ...ASK, n: 2, stream });
    assert.deepEqual([error.status, error.param], [400, 'n']);
  }
  const empty = await chatOverResponses(inner)('http://test/v1/responses', { method: 'POST' });
  assert.equal(empty.status, 400);
  assert.deepEqual(inner.sent, []);
});

test('nothing is an HTTP error', async () => {
  const reset = (controller) => controller.error(new Error('reset'));
  for (const given of [[[]], [[CREATED]], [['<html>', 'Oops</html>']], [[' ']], [[], reset], [[CREATED], reset]]) {
    for (const stream of [false, true]) {
      const error = await failure(clientOn('http://test', mocked(upstream(...given).stream)), { ...ASK, stream });
      assert.equal(error.status, 502);
    }
  }
  const error = await failure(clientOn('http://test', mocked(null)), ASK);
  assert.equal(error.status, 502);
});

test('a page in place of a stream is read as an error', async () => {
  const page = '{"error":{"message":"Slow down.","code":"rate_limit_exceeded"}}';
  for (const stream of [false, true]) {
    const { stream: body } = upstream([page.slice(0, 20), page.slice(20)]);
    const error = await failure(clientOn('http://test', mocked(body)), { ...ASK, stream });
    assert.deepEqual([error.status, error.code], [429, 'rate_limit_exceeded']);
    assert.match(error.message, /Slow down/);
  }
});

test('the upstream is left when it has failed', async () => {
  const { stream, seen } = upstream([FAILED], () => new Promise(() => {}));
  assert.equal((await failure(clientOn('http://test', mocked(stream)), { ...ASK, stream: true })).status, 502);
  assert.equal(seen.cancelled, 1);
});

test('a failure in the chunk of the first byte is in the stream', async () => {
  const error = await failure(clientOn('http://test', mocked(CREATED + DELTA + FAILED)), { ...ASK, stream: true });
  assert.ok(ofTheStream(error), `${error}`);
  assert.match(error.message, /busy/);
});

test('the time to try again is passed on', async () => {
  for (const [given, ...expected] of [['1.5', '2', '1500'], ['soon', null, null]]) {
    const headers = { 'retry-after': given, 'x-request-id': 'r' };
    const error = await failure(clientOn('http://test', mocked('{}', { status: 429, headers })), ASK);
    const reported = ['retry-after', 'retry-after-ms', 'x-request-id'].map((name) => error.headers.get(name));
    assert.deepEqual(reported, [...expected, 'r']);
  }
});

test('what is no chunk is thrown, and its source is closed', async () => {
  for (const before of [[], [CREATED + DELTA]]) {
    let isClosed = false;
    const source = async function* () {
      try {
        yield* iterable(before);
        yield 7;
      } finally {
        isClosed = true;
      }
    };
    const send = chatOverResponses(async () => ({ ok: true, status: 200, headers: [], body: source() }));
    const asked = { method: 'POST', body: JSON.stringify({ ...ASK, stream: true }) };
    await assert.rejects(async () => (await send('http://test/responses', asked)).text(), TypeError);
    assert.ok(isClosed);
  }
});

test('an error of a hook is thrown', async () => {
  const mine = new Error('mine');
  const fail = () => {
    throw mine;
  };
  const asked = (stream) => ({ method: 'POST', body: JSON.stringify({ ...ASK, stream }) });
  const call = (options, stream) => chatOverResponses(fetch, options)(`${url()}/chat/completions`, asked(stream));
  await assert.rejects(call({ onRequest: fail }), mine);
  await assert.rejects(call({ onOutcome: fail }), mine);
  const streamed = await call({ onOutcome: fail }, true);
  await assert.rejects(streamed.text(), mine);
});

test('a store that fails costs the record', async () => {
  const store = {
    get: () => null,
    put: () => Promise.reject(new Error('no store')),
  };
  const options = { continuation: new Continuation('tenant', { recordUnstored: true }), store };
  const warned = once(process, 'warning');
  const response = await clientOn(url(), fetch, options).responses.create({ model: 'gpt-5.5', input: 'Hi' });
  assert.equal(response.output_text, TEXT);
  const [{ name, code, detail }] = await warned;
  assert.deepEqual([name, code], ['SluicegateWarning', 'store']);
  assert.match(detail, /no store/);
  store.get = () => Promise.reject(new Error('no store'));
  const asked = { model: 'gpt-5.5', input: 'Hi', previous_response_id: response.id };
  await assert.rejects(clientOn(url(), fetch, options).responses.create(asked), ({ cause }) => cause.code === 'store');
});
