// What clients get of an upstream's failure: the members and headers that people need, over every pair of transports; and of a
// chat answer that is cut inside a frame, whole frames and an error.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { IN_TIME, begin, gatewayTo, openai, scripted, write } from './gateways.mjs';
import { FRAME } from './strict-cases.mjs';
import { WebSocketServer, ask, connect } from './strict-client.mjs';

const ERROR = { type: 'usage_limit_reached', message: 'Wait.', plan_type: 'plus', resets_at: 1800000000, resets_in_seconds: 5 };
const MEMBERS = ['plan_type', 'resets_at', 'resets_in_seconds'];
const HEADERS = { 'x-request-id': 'req_theirs', 'x-codex-plan-type': 'plus', 'x-codex-primary-used-percent': 100, 'set-cookie': 'a=b' };
const CHAT = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }] };

const UPSTREAMS = {
  http: () => scripted(async (response) => response.writeHead(429, HEADERS).end(JSON.stringify({ error: ERROR }))),
  websocket: async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const frame = JSON.stringify({ type: 'error', status: 429, error: ERROR, headers: HEADERS });
    server.on('connection', (socket) => socket.on('message', () => socket.send(frame)));
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((done) => server.close(done)) };
  },
};

for (const [transport, start] of Object.entries(UPSTREAMS)) {
  describe(`a failure of an upstream over ${transport}`, IN_TIME, () => {
    const before = async (context) => {
      const upstream = await start();
      const gateway = await gatewayTo(upstream.url, { upstreamWebsocket: transport === 'websocket' });
      context.after(() => Promise.all([gateway.close(), upstream.close()]));
      return gateway;
    };

    test('keeps its members and headers for clients over HTTP', async (context) => {
      const client = openai(await before(context));
      const asks = [() => client.chat.completions.create(CHAT), () => client.responses.create({ model: 'gpt-5.5', input: 'Hi', stream: true })];
      for (const asked of asks) {
        const { status, error, headers } = await asked().catch((error) => error);
        assert.deepEqual([status, ...MEMBERS.map((name) => error[name])], [429, 'plus', 1800000000, 5]);
        const got = Object.keys(HEADERS).map((name) => headers.get(name));
        assert.deepEqual(got, ['req_theirs', 'plus', '100', null]);
      }
    });

    test('and over a WebSocket', async (context) => {
      const client = await connect(`${(await before(context)).url}/v1/responses`, { authorization: 'Bearer sk-test' });
      const [{ type, status, error, headers }] = await ask(client, FRAME);
      assert.deepEqual([type, status, ...MEMBERS.map((name) => error[name])], ['error', 429, 'plus', 1800000000, 5]);
      const got = Object.keys(HEADERS).map((name) => headers[name]);
      assert.deepEqual(got, ['req_theirs', 'plus', '100', undefined]);
      client.socket.close();
    });
  });
}

test('a redirect of the upstream is an error that names where it leads', IN_TIME, async (context) => {
  const headers = { location: 'https://models.example/v1/responses?key=made-up' };
  let asked = 0;
  const upstream = await scripted(async (response, body) => {
    asked += body === '' ? 0 : 1; // not for its models
    response.writeHead(307, headers).end();
  });
  const gateway = await gatewayTo(upstream.url);
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const client = openai(gateway, { maxRetries: 2 });
  await assert.rejects(client.chat.completions.create(CHAT), {
    status: 404,
    message: '404 upstream redirects to https://models.example/v1/responses',
  });
  assert.equal(asked, 1);
});

describe('a chat answer of a chat server that is cut inside a frame', IN_TIME, () => {
  const chunk = (delta) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null }] });
  const frames = [chunk({ role: 'assistant', content: 'Hel' }), chunk({ content: 'lo' }), chunk({ content: ' there' })].map(
    (data) => `data: ${JSON.stringify(data)}\n\n`,
  );

  for (const kept of [1, 20, -2, -1]) {
    test(`at ${kept}: whole frames, then the error`, async (context) => {
      const upstream = await scripted(async (response) => {
        await write(begin(response), frames[0] + frames[1]);
        await write(response, frames[2].slice(0, kept));
        response.destroy();
      });
      const gateway = await gatewayTo(upstream.url, { upstreamApi: 'chat' });
      context.after(() => Promise.all([gateway.close(), upstream.close()]));
      const body = JSON.stringify({ ...CHAT, stream: true });
      const text = await (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body })).text();
      const blocks = text.split('\n\n').filter((block) => block !== '');
      const data = blocks.map((block) => block.replace(/^data: /, ''));
      // A frame whose blank line alone is missing has all that it says.
      assert.equal(data.pop(), '[DONE]');
      const { error } = JSON.parse(data.pop());
      assert.equal(error.code, 'upstream_truncated');
      const texts = data.map((json) => JSON.parse(json).choices[0].delta.content);
      assert.deepEqual(texts.slice(0, 2), ['Hel', 'lo']);
      assert.ok(texts.length === 2 || kept < 0, text);
    });
  }
});
