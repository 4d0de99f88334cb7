// The WebSocket sequences of Open Responses' compliance suite, of our own: in front of an upstream of either dialect.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startChatServer } from './chat-server.mjs';
import { IN_TIME, gatewayTo, ofBinary } from './gateways.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { user } from './strict-cases.mjs';
import { ask, connect } from './strict-client.mjs';

const FLAGS = { conform: 'open_responses', orphans: 'reject' };
const AUTHORIZATION = { authorization: 'Bearer sk-test' };
const TOOLS = [{ type: 'function', name: 'add', parameters: { type: 'object', properties: {} } }];
const FRAME = { type: 'response.create', model: 'm', input: [user('Hi')], store: false };

/** What the schema requires of a Response. */
const REQUIRED = [
  'id', 'object', 'created_at', 'completed_at', 'status', 'incomplete_details', 'model', 'previous_response_id', 'instructions',
  'output', 'error', 'tools', 'tool_choice', 'truncation', 'parallel_tool_calls', 'text', 'top_p', 'presence_penalty',
  'frequency_penalty', 'top_logprobs', 'temperature', 'reasoning', 'usage', 'max_output_tokens', 'max_tool_calls', 'store',
  'background', 'service_tier', 'metadata', 'safety_identifier', 'prompt_cache_key',
];

const answerOf = ({ tools = [] }) => (tools.length > 0 ? { calls: [['add', '{}']] } : { text: 'Good day.' });
const UPSTREAMS = {
  'a Responses upstream over HTTP': [() => startStrictBackend(), { upstreamWebsocket: false }],
  'a Responses upstream over WebSocket': [() => startStrictBackend(), {}],
  'a chat upstream': [() => startChatServer(answerOf), { upstreamApi: 'chat' }],
};

for (const [name, [start, flags]] of Object.entries(UPSTREAMS)) {
  describe(`Open Responses over WebSocket, in front of ${name}`, { ...IN_TIME, skip: ofBinary }, () => {
    let [upstream, gateway, client] = [];
    before(async () => {
      upstream = await start();
      gateway = await gatewayTo(upstream.url, { ...FLAGS, ...flags });
      client = await open();
    });
    after(async () => {
      client.socket.close();
      await Promise.all([gateway.close(), upstream.close()]);
    });
    const open = () => connect(`${gateway.url}/v1/responses`, AUTHORIZATION);

    /** The Response that a turn ends with; each that its events hold is complete. */
    const turn = async (more = {}, on = client) => {
      const events = await ask(on, { ...FRAME, ...more });
      const responses = events.flatMap(({ response }) => response ?? []);
      for (const response of responses) assert.deepEqual(REQUIRED.filter((member) => !(member in response)), []);
      assert.equal(events.at(-1).type, 'response.completed', JSON.stringify(events.at(-1)));
      return responses.at(-1);
    };
    /** The code of the error that answers instead. */
    const refusal = async (more, on = client) => (await ask(on, { ...FRAME, ...more })).at(-1).error?.code;
    const MISSED = 'previous_response_not_found';

    test('websocket-response', async () => {
      const { status, output, store } = await turn();
      assert.deepEqual([status, output[0].type, store], ['completed', 'message', false]);
    });

    test('websocket-sequential-responses', async () => {
      const ids = [(await turn()).id, (await turn()).id];
      assert.notEqual(ids[0], ids[1]);
    });

    test('websocket-continuation', async () => {
      const { id } = await turn();
      assert.equal((await turn({ previous_response_id: id })).previous_response_id, id);
    });

    test('websocket-reconnect-store-false-recovery', async () => {
      const { id } = await turn();
      const again = await open();
      assert.equal(await refusal({ previous_response_id: id }, again), MISSED);
      await turn({ previous_response_id: (await turn({}, again)).id }, again);
      again.socket.close();
    });

    test('websocket-previous-response-not-found', async () => {
      assert.equal(await refusal({ previous_response_id: 'resp_unknown_1' }), MISSED);
      await turn();
    });

    test('websocket-failed-continuation-evicts-cache', async () => {
      const { id, output } = await turn({ input: [user('Use a tool.')], tools: TOOLS });
      const outputs = (ids) => ids.map((id) => ({ type: 'function_call_output', call_id: id, output: '5' }));
      assert.equal(await refusal({ previous_response_id: id, input: outputs(['call_unknown']) }), 'unknown_call');
      const ids = output.map(({ call_id }) => call_id);
      assert.equal(await refusal({ previous_response_id: id, input: outputs(ids) }), MISSED);
    });

    test('websocket-compact-new-chain', async () => {
      const compact = (body) => {
        const headers = { ...AUTHORIZATION, 'content-type': 'application/json' };
        return fetch(`${gateway.url}/v1/responses/compact`, { method: 'POST', headers, body: JSON.stringify(body) });
      };
      const compacted = await compact({ model: 'm', input: [user('Hi')] });
      const { object, output, usage } = await compacted.json();
      assert.deepEqual([compacted.status, object, output[0].type], [200, 'response.compaction', 'compaction']);
      assert.equal(usage.total_tokens, 19);
      const { id } = await turn({ input: [...output, user('And now?')] });
      await turn({ previous_response_id: id });
      assert.equal((await compact({ input: [user('Hi')] })).status, 400);
    });
  });
}
