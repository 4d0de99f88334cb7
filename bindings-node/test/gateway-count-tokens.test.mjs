// Claude Code's counts, context meter and probes, served over upstreams of the three dialects.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { countTokens } from 'sluicegate';
import { COMPLETED, IN_TIME, begin, delta, gatewayTo, ofBinary, scripted, sse } from './gateways.mjs';
import { CHUNK, FINISH } from './streams.mjs';

const ASKED = {
  model: 'claude-opus-5-5',
  system: [{ type: 'text', text: 'You name birds.', cache_control: { type: 'ephemeral' } }],
  messages: [{ role: 'user', content: 'Two names for a pet pelican, be brief' }],
  tools: [{ name: 'find', description: 'Finds a name.', input_schema: { type: 'object', properties: {} } }],
};
const HEADERS = { 'x-api-key': 'sk-test', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'token-counting-2024-11-01' };
const COUNT = '/v1/messages/count_tokens?beta=true';
const PROBE = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] };

const post = ({ url }, path, body) =>
  fetch(url + path, { method: 'POST', headers: HEADERS, body: typeof body === 'string' ? body : JSON.stringify(body) });

async function answered(response) {
  return { status: response.status, body: await response.json() };
}

/** The usage with which a stream of Messages begins. */
function begunWith(stream) {
  const [, data] = /event: message_start\ndata: (.*)\n/.exec(stream);
  return JSON.parse(data).message.usage;
}

const ANSWERS = {
  responses: (response) => begin(response).end(Buffer.concat([sse(delta('Pip and Pel')), sse(COMPLETED)])),
  chat: (response) => begin(response).end(CHUNK + FINISH),
};

for (const [upstreamApi, answer] of Object.entries(ANSWERS)) {
  describe(`over ${upstreamApi}`, { ...IN_TIME, skip: ofBinary }, () => {
    let [upstream, gateway] = [];
    before(async () => {
      upstream = await scripted(answer);
      gateway = await gatewayTo(upstream.url, { upstreamApi, upstreamWebsocket: false });
    });
    after(() => Promise.all([gateway.close(), upstream.close()]));

    test('a count is the estimate, and the upstream is not asked', async () => {
      const expected = { status: 200, body: { input_tokens: countTokens(ASKED) } };
      assert.deepEqual(await answered(await post(gateway, COUNT, ASKED)), expected);
      assert.equal(upstream.requests.length, 0);
      await gateway.logged();
      assert.equal(gateway.entries.at(-1).path, '/v1/messages/count_tokens');
    });

    test('many at once', async () => {
      const counts = await Promise.all(Array.from({ length: 33 }, async () => answered(await post(gateway, COUNT, ASKED))));
      for (const { body } of counts) assert.deepEqual(body, { input_tokens: countTokens(ASKED) });
    });

    test('what is no request is refused in Anthropic’s form', async () => {
      for (const wrong of ['[]', '{"messages":', '']) {
        const response = await post(gateway, COUNT, wrong);
        const id = response.headers.get('request-id');
        const { status, body } = await answered(response);
        assert.deepEqual([status, body.type, body.error.type], [400, 'error', 'invalid_request_error']);
        assert.equal(body.request_id, id);
      }
    });

    test('a stream begins with the estimate', async () => {
      const stream = await (await post(gateway, '/v1/messages', { ...ASKED, max_tokens: 100, stream: true })).text();
      const { input_tokens: begun } = begunWith(stream);
      assert.ok(Math.abs(begun - countTokens(ASKED)) < 15, `${begun}, not ${countTokens(ASKED)}`);
    });

    test('a probe goes upstream', async () => {
      const before = upstream.requests.length;
      await (await post(gateway, '/v1/messages', PROBE)).text();
      assert.equal(upstream.requests.length, before + 1);
    });
  });
}

describe('over messages', { ...IN_TIME, skip: ofBinary }, () => {
  let [upstream, gateway, asked, answer] = [];
  before(async () => {
    upstream = await scripted((response, body, { headers }) => {
      asked = { url: response.req.url, body, headers };
      return answer(response);
    });
    gateway = await gatewayTo(`${upstream.url}/v1`, { upstreamApi: 'messages' });
  });
  after(() => Promise.all([gateway.close(), upstream.close()]));

  const says = (status, body, headers = {}) => (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  const refuses = (status, type, message, headers) => says(status, { type: 'error', error: { type, message } }, headers);

  test('the upstream counts', async () => {
    answer = says(200, { input_tokens: 7, context_management: { original_input_tokens: 9 } });
    const { body } = await answered(await post(gateway, COUNT, ASKED));
    assert.deepEqual(body, { input_tokens: 7, context_management: { original_input_tokens: 9 } });
    assert.deepEqual([asked.url, asked.body], ['/v1/messages/count_tokens', JSON.stringify(ASKED)]);
    for (const [name, value] of Object.entries(HEADERS)) assert.equal(asked.headers[name], value);
  });

  const MISSING = {
    'has no such path': says(404, { detail: 'Not Found' }),
    'has no such method': says(405, { detail: 'Method Not Allowed' }),
    'does not implement it': refuses(501, 'api_error', 'Token counting is not supported'),
    'hangs up': (response) => response.destroy(),
    'answers with something else': says(200, { hello: 'world' }),
    'answers with a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  };
  for (const [what, own] of Object.entries(MISSING)) {
    test(`the estimate where the upstream ${what}`, async () => {
      answer = own;
      const expected = { status: 200, body: { input_tokens: countTokens(ASKED) } };
      assert.deepEqual(await answered(await post(gateway, COUNT, ASKED)), expected);
    });
  }

  test('other failures of the upstream are passed on', async () => {
    const failures = [
      [404, 'not_found_error', 'model: claude-x'],
      [400, 'invalid_request_error', 'messages: Field required'],
      [401, 'authentication_error', 'invalid x-api-key'],
      [429, 'rate_limit_error', 'Slow down.'],
      [529, 'overloaded_error', 'Overloaded'],
    ];
    for (const [status, type, message] of failures) {
      answer = refuses(status, type, message, { 'retry-after': '3' });
      const response = await post(gateway, COUNT, ASKED);
      const { body, ...seen } = await answered(response);
      assert.deepEqual([seen.status, body.type, body.error], [status, 'error', { type, message }]);
      if (status === 429) assert.equal(response.headers.get('retry-after'), '3');
    }
  });
});

describe('probes', { ...IN_TIME, skip: ofBinary }, () => {
  let [upstream, gateway] = [];
  before(async () => {
    upstream = await scripted(ANSWERS.chat);
    gateway = await gatewayTo(upstream.url, { upstreamApi: 'chat', probes: 'server' });
  });
  after(() => Promise.all([gateway.close(), upstream.close()]));

  test('are answered by the server where it is told to, with a usage', async () => {
    const { status, body } = await answered(await post(gateway, '/v1/messages?beta=true', PROBE));
    assert.deepEqual([status, body.type, body.role, body.model], [200, 'message', 'assistant', 'm']);
    assert.deepEqual([body.stop_reason, body.usage], ['max_tokens', { input_tokens: countTokens(PROBE), output_tokens: 1 }]);
    assert.equal(upstream.requests.length, 0);
  });

  test('what is none goes upstream', async () => {
    const classifier = { ...PROBE, system: 'Is this a greeting? Answer y or n.' };
    await (await post(gateway, '/v1/messages', classifier)).text();
    assert.equal(upstream.requests.length, 1);
  });
});
