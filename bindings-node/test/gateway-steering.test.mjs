// What a WebSocket client sends while a response comes: it reaches the upstream's socket, and the answers reach the client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { IN_TIME, begin, gatewayTo, ofBinary, scripted, sse, write } from './gateways.mjs';
import { FRAME } from './strict-cases.mjs';
import { WebSocketServer, connect, skip } from './strict-client.mjs';

const of = (type, more = {}) => ({ type, ...more });
const response = (id, status, more = {}) => ({ response: { id, object: 'response', status, output: [], ...more } });
const created = (id) => of('response.created', response(id, 'in_progress'));
const completed = (id, ...output) => of('response.completed', response(id, 'completed', { output }));
const incomplete = (id, reason) =>
  of('response.incomplete', response(id, 'incomplete', { incomplete_details: { reason } }));
const CALL = { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: 'f', arguments: '{}' };
const RESULT = { type: 'function_call_output', call_id: 'call_1', output: 'done' };
const CALLED = of('response.output_item.done', { output_index: 0, item: CALL });
const steer = { id: 'st_1', previous_response_id: 'resp_1' };
const ACCEPTED = of('response.steer.accepted', { sequence_number: 2, steer });
const PENDING = of('response.steer.pending', { sequence_number: 3, reason: 'waiting_for_required_input', steer });
const INTERRUPTED = [
  of('response.interrupt.accepted', { response_id: 'resp_1' }),
  of('response.output_item.interrupted', { response_id: 'resp_1', item_id: 'msg_1', output_index: 0 }),
  incomplete('resp_1', 'interrupted'),
];

const INPUT = 'South, "please".';
const steerOf = (id) => of('response.steer', { previous_response_id: id, input: INPUT });
const interruptOf = (id) => of('response.interrupt', { response_id: id, mode: 'discard_partial_items', own: [1] });

/** An upstream that answers each message with the next of these lists of events; what it got, and how often it was opened. */
async function upstreamOf(script) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const got = [];
  const state = { got, opened: 0, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
  server.on('connection', (socket) => {
    state.opened += 1;
    socket.on('message', (message) => {
      got.push(JSON.parse(message));
      for (const event of script.shift() ?? []) socket.send(JSON.stringify(event));
    });
  });
  return state;
}

/** What comes up to and with an event of this type. */
async function until({ next }, type) {
  const events = [];
  while (events.at(-1)?.type !== type) events.push(await next());
  return events;
}

const options = { ...IN_TIME, skip: skip || ofBinary };

describe('over a WebSocket of the upstream', options, () => {
  /** A client of a gateway to an upstream of this script, and what the upstream got. */
  async function opened(context, script) {
    const upstream = await upstreamOf(script);
    const gateway = await gatewayTo(upstream.url, { upstreamWebsocket: true });
    const client = await connect(`${gateway.url}/v1/responses`, { authorization: 'Bearer sk-test' });
    const send = (message) => client.socket.send(JSON.stringify(message));
    context.after(async () => {
      client.socket.close();
      await gateway.close();
      upstream.close();
    });
    return { upstream, gateway, send, until: (type) => until(client, type) };
  }

  const idOf = (events) => events.at(-1).response.id;

  test('input goes to the upstream, and its response comes after the steered one', async (context) => {
    const steered = [ACCEPTED, incomplete('resp_1', 'steered'), created('resp_2'), completed('resp_2')];
    const client = await opened(context, [[created('resp_1')], steered, [created('resp_3'), completed('resp_3')]]);
    client.send(FRAME);
    const id = idOf(await client.until('response.created'));
    client.send(steerOf(id));
    const events = await client.until('response.completed');
    assert.deepEqual(events.map(({ type }) => type), steered.map(({ type }) => type));
    // The upstream knows the response by its own id, the client by that of the gateway.
    assert.notEqual(id, 'resp_1');
    assert.deepEqual(client.upstream.got[1], steerOf('resp_1'));
    assert.deepEqual([events[0].steer.previous_response_id, idOf(events)], [id, 'resp_2']);
    // Nothing is known of the conversation as the upstream has it: the next request is whole.
    client.send(FRAME);
    await client.until('response.completed');
    assert.deepEqual([client.upstream.got[2].previous_response_id, client.upstream.opened], [undefined, 1]);
    await client.gateway.logged();
    assert.deepEqual(client.gateway.entries.map(({ unrecorded }) => unrecorded), ['steered', 'unstored']);
  });

  test('a response that completes before the input is taken has a successor, too', async (context) => {
    const end = [ACCEPTED, completed('resp_1'), created('resp_2'), completed('resp_2')];
    const client = await opened(context, [[created('resp_1')], end]);
    client.send(FRAME);
    const id = idOf(await client.until('response.created'));
    client.send(steerOf(id));
    assert.equal(idOf(await client.until('response.completed')), id);
    assert.equal(idOf(await client.until('response.completed')), 'resp_2');
  });

  test('input that waits for the result of a call is put into the next request, on the same socket', async (context) => {
    const client = await opened(context, [
      [created('resp_1'), CALLED],
      [ACCEPTED, completed('resp_1', CALL), PENDING],
      [created('resp_2'), completed('resp_2')],
    ]);
    client.send(FRAME);
    const id = idOf(await client.until('response.created'));
    await client.until('response.output_item.done');
    client.send(steerOf(id));
    const { steer } = (await client.until('response.steer.pending')).at(-1);
    assert.equal(steer.previous_response_id, id);
    client.send({ ...FRAME, previous_response_id: id, input: [RESULT] });
    await client.until('response.completed');
    const { previous_response_id, input } = client.upstream.got.at(-1);
    assert.deepEqual([previous_response_id, input, client.upstream.opened], ['resp_1', [RESULT], 1]);
    await client.gateway.logged();
    assert.equal(client.gateway.entries.at(-1).unrecorded, 'steered');
  });

  test('an interruption ends the response, and the next request goes on from it', async (context) => {
    const client = await opened(context, [[created('resp_1')], INTERRUPTED, [created('resp_2'), completed('resp_2')]]);
    client.send(FRAME);
    const id = idOf(await client.until('response.created'));
    client.send(interruptOf(id));
    const [accepted, item, end] = await client.until('response.incomplete');
    assert.deepEqual([accepted.response_id, item.response_id, end.response.id], Array(3).fill(id));
    assert.deepEqual([end.response.output, client.upstream.got[1]], [[], interruptOf('resp_1')]);
    client.send({ ...FRAME, previous_response_id: id });
    await client.until('response.completed');
    assert.deepEqual([client.upstream.got[2].previous_response_id, client.upstream.opened], ['resp_1', 1]);
  });

  test('a request that is sent meanwhile waits for its end', async (context) => {
    const client = await opened(context, [[created('resp_1')], [ACCEPTED]]);
    client.send(FRAME);
    const id = idOf(await client.until('response.created'));
    client.send(FRAME);
    client.send(interruptOf(id)); // behind that request: nothing that comes later is sent before it
    await new Promise((settle) => setTimeout(settle, 100));
    assert.equal(client.upstream.got.length, 1);
  });

  test('while no response comes there is nothing to steer', async (context) => {
    const client = await opened(context, []);
    client.send(steerOf('resp_1'));
    client.send(interruptOf('resp_1'));
    const [steered] = await client.until('response.steer.failed');
    const [interrupted] = await client.until('response.interrupt.failed');
    assert.deepEqual(steered.steer, { previous_response_id: 'resp_1', input: INPUT });
    assert.deepEqual([steered, interrupted].map(({ error }) => error.code), Array(2).fill('response_not_active'));
    assert.equal(interrupted.response_id, 'resp_1');
  });
});

test('over HTTP neither can be sent on: the client hears so, and the response goes on', options, async (context) => {
  let finish;
  const finished = new Promise((settle) => (finish = settle));
  const upstream = await scripted(async (answer) => {
    begin(answer);
    await write(answer, sse(created('resp_1')));
    await finished;
    answer.end(sse(completed('resp_1')));
  });
  const gateway = await gatewayTo(upstream.url, { upstreamWebsocket: false });
  context.after(() => Promise.all([gateway.close(), upstream.close()]));
  const client = await connect(`${gateway.url}/v1/responses`, { authorization: 'Bearer sk-test' });
  client.socket.send(JSON.stringify(FRAME));
  await until(client, 'response.created');
  for (const frame of [steerOf('resp_1'), interruptOf('resp_1')]) client.socket.send(JSON.stringify(frame));
  const [steered, interrupted] = await until(client, 'response.interrupt.failed');
  assert.deepEqual([steered.type, steered.error.code], ['response.steer.failed', 'steering_not_supported']);
  assert.equal(interrupted.error.code, 'interrupt_not_supported');
  finish();
  assert.equal((await until(client, 'response.completed')).length, 1);
  client.socket.close();
});
