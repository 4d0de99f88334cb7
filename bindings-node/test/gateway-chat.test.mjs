// The gateway in front of a server that speaks only chat: clients of Responses over HTTP and WebSockets, and of chat.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { lint } from 'sluicegate';
import { startChatServer } from './chat-server.mjs';
import { IN_TIME, gatewayTo, openai, scripted } from './gateways.mjs';
import { ask, connect } from './strict-client.mjs';
import { CHUNK, FINISH } from './streams.mjs';

const ASK = { model: 'any', input: 'Hi' };
const CHAT = { model: 'any', messages: [{ role: 'user', content: 'Hi' }] };
const TOOLS = [{ type: 'custom', name: 'patch' }];
const PATHS = ['/v1/responses', '/backend-api/codex/responses'];

const ANSWERS = {
  Hi: { text: 'Good day.' },
  Patch: { calls: [['patch', '{"input":"a\\nb"}']] },
  Refuse: { status: 429, error: 'Slow down.' },
  Break: { late: 'Well, ' },
};

const SUMMARY = 'They greeted each other.';

/** The answer to the user's last text. */
function answerOf({ messages }) {
  const { content } = messages.findLast(({ role }) => role === 'user');
  return content.startsWith('Sum up this conversation') ? { text: SUMMARY } : ANSWERS[content];
}

const post = ({ url }, path, body) => fetch(url + path, { method: 'POST', body: JSON.stringify(body) });

describe('in front of a chat server', IN_TIME, () => {
  let [server, gateway, client] = [];
  before(async () => {
    server = await startChatServer(answerOf);
    gateway = await gatewayTo(server.url, { upstreamApi: 'chat' });
    client = openai(gateway);
  });
  after(() => Promise.all([gateway.close(), server.close()]));

  test('Responses, whole and streamed, on both paths', async () => {
    const response = await client.responses.create(ASK);
    assert.deepEqual([response.output_text, response.usage.total_tokens], ['Good day.', 19]);
    assert.equal((await client.responses.stream(ASK).finalResponse()).output_text, 'Good day.');
    for (const path of PATHS) {
      const got = await (await post(gateway, path, { ...ASK, stream: true })).text();
      assert.deepEqual(lint(got, 'codex_cli'), []);
      assert.match(got, /event: response\.completed\n/);
    }
  });

  test('each response has an id of its own, whatever the server gives', async () => {
    const ids = [await client.responses.create(ASK), await client.responses.stream(ASK).finalResponse()].map(({ id }) => id);
    for (const id of ids) assert.match(id, /^resp_[0-9a-f]{32}$/);
    assert.notEqual(ids[0], ids[1]);
  });

  test('custom tools, and a turn after them by previous_response_id', async () => {
    const first = await client.responses.create({ ...ASK, input: 'Patch', tools: TOOLS, store: true });
    const [{ type, input, call_id }] = first.output;
    assert.deepEqual([type, input], ['custom_tool_call', 'a\nb']);
    const outputs = [{ type: 'custom_tool_call_output', call_id, output: 'done' }, { role: 'user', content: 'Hi' }];
    const next = await client.responses.create({ ...ASK, input: outputs, previous_response_id: first.id, tools: TOOLS });
    assert.deepEqual([next.output_text, next.previous_response_id], ['Good day.', first.id]);
    assert.deepEqual(server.requests.at(-1).messages.map(({ role }) => role), ['user', 'assistant', 'tool', 'user']);
  });

  test('a failure has its status, or is in the stream', async () => {
    for (const stream of [false, true]) {
      await assert.rejects(client.responses.create({ ...ASK, input: 'Refuse', stream }), { status: 429 });
    }
    await assert.rejects(client.responses.create({ ...ASK, input: 'Break' }), { status: 502 });
    const got = await (await post(gateway, PATHS[0], { ...ASK, input: 'Break', stream: true })).text();
    assert.match(got, /event: response\.failed\ndata: .*The model is gone[^\n]*\n\n$/);
    await assert.rejects(client.responses.create({ ...ASK, conversation: 'conv_1' }), { status: 400 });
    await assert.rejects(client.images.generate({ prompt: 'A cat' }), { status: 404 });
  });

  test('a conversation is compacted, and goes on from its summary', async () => {
    const compact = (body) => post(gateway, `${PATHS[0]}/compact`, body);
    const compacted = await compact({ model: 'any', input: 'Hi', instructions: 'Be brief.' });
    const { object, output, usage } = await compacted.json();
    assert.deepEqual([compacted.status, object, output.length, usage.total_tokens], [200, 'response.compaction', 1, 19]);
    assert.deepEqual(server.requests.at(-1).messages.map(({ role }) => role), ['system', 'user', 'user']);
    assert.match(output[0].encrypted_content, /^sluicegate\.compaction\.1\.unsealed\./);
    await client.responses.create({ ...ASK, input: [...output, { role: 'user', content: 'Hi' }] });
    assert.deepEqual(server.requests.at(-1).messages[0], { role: 'assistant', content: SUMMARY });
    assert.equal((await compact({ input: 'Hi' })).status, 400);
    const input = [{ role: 'user', content: 'Hi' }, { type: 'compaction_trigger' }];
    const streamed = await client.responses.stream({ ...ASK, input, tools: TOOLS }).finalResponse();
    assert.deepEqual([streamed.status, streamed.output.map(({ type }) => type)], ['completed', ['compaction']]);
    assert.equal(server.requests.at(-1).tools, undefined);
  });

  test('WebSockets, turn after turn', async () => {
    const connection = await connect(gateway.url + PATHS[1]);
    const frame = { type: 'response.create', ...ASK };
    const first = await ask(connection, frame);
    const { id } = first.at(-1).response;
    const next = await ask(connection, { ...frame, previous_response_id: id });
    assert.equal(next.at(-1).response.previous_response_id, id);
    assert.deepEqual(server.requests.at(-1).messages.map(({ role }) => role), ['user', 'assistant', 'user']);
    connection.socket.close();
  });
});

describe('chat of a chat server', IN_TIME, () => {
  const USAGE = 'data: {"choices":[],"usage":{"total_tokens":3}}\n\n';
  const PAGE = '{ "object":"chat.completion","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}] , "mine":1}';
  const SECOND = '"index":1,"mine":[]';
  const ENDS = [FINISH.split('data: [DONE]')[0].replace('"index":0', SECOND), FINISH.replace('data: [DONE]', `${USAGE}$&`)];
  const WHOLE = [CHUNK.replace('"index":0', SECOND), CHUNK, ...ENDS].join('');

  const on = async (t, answer) => {
    const upstream = await scripted(answer);
    const gateway = await gatewayTo(`${upstream.url}/v1`, { upstreamApi: 'chat' });
    t.after(() => Promise.all([gateway.close(), upstream.close()]));
    return gateway;
  };

  test('is passed on as it is, both ways', async (t) => {
    const seen = [];
    const gateway = await on(t, (response, body) => {
      seen.push(body);
      response.end(JSON.parse(body).stream ? WHOLE : PAGE);
    });
    for (const [stream, got] of [[true, WHOLE], [false, PAGE]]) {
      const body = JSON.stringify({ ...CHAT, stream, top_k: 4, n: 2 });
      const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body });
      assert.deepEqual([response.status, await response.text(), seen.at(-1)], [200, got, body]);
      assert.equal(response.headers.get('content-type'), stream ? 'text/event-stream' : 'application/json');
    }
  });

  test('a failure first is a status, and a cut is reported', async (t) => {
    const answers = { first: 'data: {"error":{"message":"busy","code":"server_is_overloaded"}}\n\n', cut: CHUNK };
    const gateway = await on(t, (response, body) => response.end(answers[JSON.parse(body).model]));
    const got = await post(gateway, '/v1/chat/completions', { ...CHAT, model: 'first', stream: true });
    assert.deepEqual([got.status, (await got.json()).error.message], [503, 'busy']);
    const cut = await (await post(gateway, '/v1/chat/completions', { ...CHAT, model: 'cut', stream: true })).text();
    assert.ok(cut.startsWith(CHUNK));
    assert.match(cut, /"code":"upstream_truncated"\}\}\n\ndata: \[DONE\]\n\n$/);
  });
});
