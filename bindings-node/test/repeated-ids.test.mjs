// Conversations where the upstream gives every answer the same id: through our fetch, and through the gateway.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Continuation, MemoryStore } from 'sluicegate';
import { wrapFetch } from 'sluicegate/fetch';
import { COMPLETED, CREATED, IN_TIME, begin, gatewayTo, scripted, sse } from './gateways.mjs';
import { connect, ask } from './strict-client.mjs';
import { CHUNK, FINISH } from './streams.mjs';

const ITEM = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [] };
const ENDED = { ...COMPLETED, response: { ...COMPLETED.response, output: [ITEM] } };
const STREAMS = { responses: Buffer.concat([sse(CREATED), sse(ENDED)]), chat: CHUNK + FINISH };
const OTHER = { red: 'blue', blue: 'red' };

function idOf(text) {
  const response = JSON.parse(text.trim().split('data: ').at(-1));
  return (response.response ?? response).id;
}

/** Three turns of two conversations, by turns; `post(body)` gives the answer, `sent` has what the upstream got. */
async function converse(post, sent, stream) {
  const last = { red: null, blue: null };
  const seen = new Set();
  for (let nth = 0; nth < 3; nth += 1) {
    for (const color of ['red', 'blue']) {
      last[color] = idOf(await post({ model: 'm', stream, input: `${color} ${nth}`, previous_response_id: last[color] }));
      seen.add(last[color]);
      assert.match(last[color], /^resp_[0-9a-f]{32}$/);
      for (let turn = 0; turn <= nth; turn += 1) assert.ok(sent.at(-1).includes(`${color} ${turn}`));
      assert.ok(!sent.at(-1).includes(OTHER[color]));
    }
  }
  assert.equal(seen.size, 6);
}

for (const upstream of ['responses', 'chat']) {
  for (const stream of [true, false]) {
    describe(`${upstream}, stream ${stream}`, IN_TIME, () => {
      test('conversations do not mix through our fetch', async () => {
        const sent = [];
        const inner = async (url, { body }) => {
          sent.push(Buffer.from(body).toString());
          return new Response(STREAMS[upstream], { headers: { 'content-type': 'text/event-stream' } });
        };
        const options = { continuation: new Continuation('tenant'), store: new MemoryStore() };
        const fetch = wrapFetch(inner, { upstream, ...options });
        const post = async (body) => {
          const answer = await fetch('http://test/v1/responses', { method: 'POST', body: JSON.stringify(body) });
          return answer.text();
        };
        await converse(post, sent, stream);
      });

      test('conversations do not mix through the gateway', async (context) => {
        const sent = [];
        const server = await scripted((response, body) => {
          sent.push(body);
          begin(response).end(STREAMS[upstream]);
        });
        const gateway = await gatewayTo(server.url, { upstreamApi: upstream });
        context.after(() => Promise.all([gateway.close(), server.close()]));
        const post = async (body) => {
          const headers = { 'content-type': 'application/json', authorization: 'Bearer a' };
          const answer = await fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers, body: JSON.stringify(body) });
          return answer.text();
        };
        await converse(post, sent, stream);
      });
    });
  }
}

test('nor on one WebSocket of the gateway', IN_TIME, async (context) => {
  const sent = [];
  const server = await scripted((response, body) => {
    sent.push(body);
    begin(response).end(STREAMS.responses);
  });
  const gateway = await gatewayTo(server.url, { upstreamWebsocket: false });
  const client = await connect(`${gateway.url}/v1/responses`);
  context.after(() => Promise.all([client.socket.terminate(), gateway.close(), server.close()]));
  const post = async ({ stream, ...body }) => {
    const events = await ask(client, { type: 'response.create', store: false, ...body });
    return JSON.stringify(events.at(-1));
  };
  await converse(post, sent, true);
});

test('an id that is taken is told', async () => {
  const warned = [];
  process.on('warning', (warning) => warned.push(warning));
  const inner = async () => new Response(STREAMS.responses, { headers: { 'content-type': 'text/event-stream' } });
  const options = { continuation: new Continuation('tenant'), store: new MemoryStore() };
  const fetch = wrapFetch(inner, { upstream: 'responses', id: 'resp_own', ...options });
  for (const input of ['one', 'two']) {
    const body = JSON.stringify({ model: 'm', input });
    assert.equal(idOf(await (await fetch('http://test/v1/responses', { method: 'POST', body })).text()), 'resp_own');
  }
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual(warned.map(({ name, code }) => [name, code]), [['SluicegateWarning', 'id_taken']]);
});
