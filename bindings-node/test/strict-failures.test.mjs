// What the strict backend refuses or fails with, over a real socket, as a gateway passes it on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { collect, errorEnvelope } from 'sluicegate';
import { startStrictBackend } from './strict-backend.mjs';
import { FRAME, LEAST, messageOf } from './strict-cases.mjs';
import { ask, connect, skip } from './strict-client.mjs';
import { REFUSED } from './strict-refused.mjs';

/** What the gateway has in its message alone: the parameter and the code. */
const SAYINGS = [
  [/^Unsupported parameter: (\S+)$/, (name) => [name, 'unsupported_parameter']],
  [/^Instructions are required$/, () => ['instructions', null]],
  [/^System messages are not allowed$/, () => ['input', null]],
  [/^Store must be set to false$/, () => ['store', null]],
  [/^Stream must be set to true$/, () => ['stream', null]],
];

/** What to do, by code or status, where it is not to repair the request. */
const CLASSES = {
  404: 'not_found',
  invalid_encrypted_content: 'retry_without_reasoning',
  routing_unsupported: 'use_websocket',
};

/** The error body of a refusal. */
function wording({ error, detail }) {
  if (error !== undefined) return error;
  const type = 'invalid_request_error';
  if (Array.isArray(detail)) return { message: detail[0].msg, type, param: null, code: null };
  const [pattern, read] = SAYINGS.find(([pattern]) => pattern.test(detail)) ?? [/^/, () => [null, null]];
  const [param, code] = read(...pattern.exec(detail).slice(1));
  return { message: detail, type, param, code };
}

let backend;
before(async () => (backend = await startStrictBackend()));
after(() => backend.close());

const url = () => `${backend.url}/backend-api/codex/responses`;

const post = (request) => fetch(url(), { method: 'POST', body: JSON.stringify(request) });

/** What a gateway makes of an answer. */
async function envelopeOf(answer) {
  const { status, headers } = answer;
  return errorEnvelope({ status, headers, body: new Uint8Array(await answer.arrayBuffer()), nowMs: 0 });
}

describe('an envelope tells the refusal of', () => {
  for (const [what, request, refusal, transport] of REFUSED) {
    test(what, { skip: transport === 'websocket' ? 'no HTTP' : false }, async () => {
      const answer = await post(request);
      const { status, body, class: kind } = await envelopeOf(answer);
      assert.deepEqual([status, body], [answer.status, { error: wording(refusal) }]);
      const { [body.error.code ?? status]: expected = 'invalid_request' } = CLASSES;
      assert.equal(kind, expected);
    });
  }
});

test('a system message has a hint at what helps', async () => {
  const { hint } = await envelopeOf(await post({ ...LEAST, input: [messageOf('system', 'x')] }));
  assert.match(hint, /hoist_all/);
});

test('a limit comes with the time to come back', async () => {
  const { body, hint, ...advice } = await envelopeOf(await post({ ...LEAST, model: 'fail-429' }));
  assert.deepEqual([body.error.type, hint], ['usage_limit_reached', null]);
  assert.deepEqual({ ...advice, retry_after_ms: 0 }, { status: 429, class: 'quota', retry_after_ms: 0 });
  assert.ok(advice.retry_after_ms > 0);
});

test('a page has a title', async () => {
  const { body, ...advice } = await envelopeOf(await post({ ...LEAST, model: 'fail-500-html' }));
  assert.equal(body.error.message, '500 Internal Server Error');
  assert.deepEqual(advice, { status: 500, class: 'retryable', retry_after_ms: null, hint: null });
});

test('a stream that begins with a failure has the same advice', async () => {
  const stream = await post({ ...LEAST, model: 'fail-stream-first' });
  const text = await stream.text();
  const { failure } = (await collect(new Response(text).body)).outcome;
  assert.deepEqual(failure, { status: 503, class: 'overloaded', retry_after_ms: null });
  const { status, class: kind, retry_after_ms: after } = errorEnvelope({ status: 200, body: text });
  assert.deepEqual({ status, class: kind, retry_after_ms: after }, failure);
});

test('a frame is a body', { skip }, async () => {
  const client = await connect(url());
  const [limited] = await ask(client, { ...FRAME, model: 'fail-429' });
  const [unknown] = await ask(client, { ...FRAME, previous_response_id: 'resp_x' });
  const got = [limited, JSON.stringify(unknown)].map((body) => errorEnvelope({ body }));
  assert.deepEqual(got.map(({ status, class: kind }) => [status, kind]), [[429, 'quota'], [400, 'retry_full_input']]);
  client.socket.close();
});
