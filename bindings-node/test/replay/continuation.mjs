// A conversation of fixtures/continuation, turn by turn, as a gateway takes it: resolve, normalize, answer, remember.
import assert from 'node:assert/strict';
import { Continuation, MemoryStore, ResponseCollector, ResponsesRelay, SluicegateError, normalizeRequest } from 'sluicegate';
import { cases, json, line, sha256 } from '../cases.mjs';

export const conversations = cases('continuation');

/** Whether the case is about time, which only a store with our clock knows. */
export function isTimed({ file }) {
  return file('2.turn.json')?.includes('now_ms') ?? false;
}

export async function replay({ file }, store) {
  for (let nth = 1; file(`${nth}.request.json`) !== null; nth += 1) {
    const part = (name) => file(`${nth}.${name}`);
    const { scope, origin = null, now_ms: nowMs = nth * 1000 } = json(part('turn.json')) ?? {};
    const options = json(file('options.json')) ?? { scope: 'tenant-1' };
    await takeTurn(part, store, tenantOf({ ...options, ...(scope && { scope }) }), { origin, nowMs });
  }
}

export const continuation = conversations.map(({ name, file }) => ({
  name: `continuation/${name}`,
  run: () => replay({ file }, new MemoryStore()),
}));

function tenantOf({ scope, ...options }) {
  return new Continuation(scope, options);
}

async function takeTurn(part, store, tenant, { origin, nowMs }) {
  const turn = await answered(tenant.resolve(store, part('request.json'), { nowMs }));
  if (turn instanceof SluicegateError) {
    assert.equal(line(turn.envelope), part('rejected.json').toString());
    return assert.equal(turn.status, 400);
  }
  assert.equal(part('rejected.json'), null);
  assert.deepEqual(turn.body, part('expanded.json'));
  const sent = normalizeRequest(turn.body, 'codex', { origin, historyOrigin: turn.origin });
  assert.deepEqual(sent.body, part('normalized.json'));
  if (part('input.sse') === null) return undefined;
  const response = responseTo(sent, turn, part('input.sse'));
  assert.equal(`${response}\n`, part('response.json').toString());
  const unrecorded = await tenant.remember(store, turn, response, { origin, nowMs });
  assert.equal(unrecorded, json(part('recorded.json')).unrecorded ?? null);
  return unrecorded === 'id_taken' || recorded(part, tenant, turn, response, origin);
}

/** The rejection of a request is an answer, too. */
function answered(turn) {
  return turn.catch((error) => {
    if (error instanceof SluicegateError && error.envelope !== null) return error;
    throw error;
  });
}

async function recorded(part, tenant, turn, response, origin) {
  const { key, value, unrecorded } = tenant.record(turn, response, { origin });
  assert.equal(value === null, key === null);
  const given = unrecorded === null ? { key, sha256: await sha256(value) } : { unrecorded };
  assert.deepEqual(given, json(part('recorded.json')));
}

/** The final Response; the stream that is relayed ends with the same one. */
function responseTo({ context }, { previousResponseId }, upstream) {
  const consumers = [ResponseCollector, ResponsesRelay].map((Consumer) => new Consumer({ context, previousResponseId }));
  const [collector, relay] = consumers;
  collector.feed(upstream);
  assert.equal(new ResponsesRelay().response(), null);
  relay.feed(upstream);
  relay.finish();
  const response = collector.finish();
  assert.deepEqual(relay.response(), response);
  return response;
}

export const FIRST = '{"input":"Hi"}';
export const NEXT = '{"previous_response_id":"resp_1"}';
export const HELLO = '{"id":"resp_1","status":"completed","output":[{"type":"message"}]}';
export const WHOLE = JSON.stringify({
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }, { type: 'message' }],
});
