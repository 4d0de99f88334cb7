// Every case in fixtures/websocket: the frame of a body, the body of a frame, what to do about a failure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as sluicegate from 'sluicegate';
import { cases, json, lines } from './cases.mjs';

const { Baseline, SluicegateError, afterFailure, clientFrame, errorEnvelope, errorFrame, httpBody, wsRequest } = sluicegate;
const { frameHeaders, warmUpFrames, warmUpResponse } = sluicegate;

const COMPLETED = '{"type":"response.completed","response":{"id":"resp_1"}}';

function baselineOf(previous, frames) {
  const baseline = new Baseline(previous);
  frames.forEach((frame, nth) => baseline.frame(nth % 2 === 0 ? frame : Buffer.from(frame)));
  return baseline;
}

/** The body, or the envelope of the error. */
function bodyOf(frame) {
  try {
    return httpBody(frame);
  } catch (error) {
    if (!(error instanceof SluicegateError)) throw error;
    assert.equal(error.status, 400);
    return Buffer.from(JSON.stringify(error.envelope));
  }
}

const framed = cases('websocket');
test('there are fixtures', () => assert.ok(framed.length > 0, 'no case in fixtures/websocket'));
for (const { name, file } of framed) {
  test(`websocket/${name}`, () => {
    if (file('request.json') !== null) {
      const previous = file('previous.json');
      const baseline = previous && baselineOf(previous, lines(file('frames.jsonl')));
      const frame = wsRequest(file('request.json'), baseline);
      assert.equal(frame, file('frame.json').toString());
      assert.equal(name.startsWith('tail'), frame.startsWith('{"type":"response.create","previous'));
    }
    assert.deepEqual(bodyOf(file('frame.json')), file('http.json'));
  });
}

test('the table of failures', () => {
  for (const line of lines(readFileSync(new URL('../../fixtures/websocket/failures.jsonl', import.meta.url)))) {
    const { transport, status, body, committed, then } = JSON.parse(line);
    assert.equal(afterFailure(transport, errorEnvelope({ status, body }), committed), then, line);
  }
});

test('headers of frames, and answers to warm-ups', () => {
  const table = (name) => lines(readFileSync(new URL(`../../fixtures/websocket/${name}.jsonl`, import.meta.url))).map((line) => JSON.parse(line));
  for (const { frame, headers } of table('headers')) {
    for (const given of [frame, Buffer.from(frame)]) assert.deepEqual(frameHeaders(given), headers);
  }
  for (const { response_id: id, frames, response } of table('warm_up')) {
    assert.deepEqual([warmUpFrames(id), warmUpResponse(id).toString()], [frames, response]);
  }
  for (const wrong of [undefined, null, 7]) {
    for (const call of [frameHeaders, warmUpFrames, warmUpResponse]) assert.throws(() => call(wrong), TypeError);
  }
});

test('an error frame has what the envelope has', () => {
  for (const { name, file } of cases('envelope')) {
    const envelope = json(file('envelope.json'));
    const frame = errorFrame(envelope);
    assert.equal(typeof frame, 'string');
    const { hint: _, ...again } = errorEnvelope({ body: frame });
    const { hint: __, ...expected } = envelope;
    assert.deepEqual(again, expected, name);
  }
});

test('an error frame has the headers that it is given', () => {
  const envelope = errorEnvelope({ status: 429, headers: { 'retry-after': 2 } });
  const own = { 'retry-after': '2', 'retry-after-ms': '2000' };
  for (const headers of [{ 'x-codex-plan-type': 'plus', 'retry-after': 9 }, new Headers({ 'x-codex-plan-type': 'plus' })]) {
    assert.deepEqual(frameHeaders(errorFrame(envelope, headers)), { ...own, 'x-codex-plan-type': 'plus' });
  }
  assert.deepEqual(frameHeaders(errorFrame(envelope)), own);
  assert.throws(() => errorFrame(envelope, 7), TypeError);
});

test('each kind of client frame is known', () => {
  assert.equal(clientFrame('{}'), 'create');
  assert.equal(clientFrame({ type: 'response.create', generate: true }), 'create');
  assert.equal(clientFrame(Buffer.from('{"type":"response.create","generate":false}')), 'warm_up');
  assert.equal(clientFrame('{"type":"response.append","input":[]}'), 'append');
  assert.equal(clientFrame('{"type":"response.processed"}'), 'processed');
  assert.throws(() => clientFrame('{"type":7}'), { code: 'unsupported_value', offset: 8, status: 400 });
});

test('a baseline knows what it is good for', () => {
  const request = { input: [] };
  const baseline = new Baseline(request);
  assert.equal(baseline.responseId, null);
  baseline.frame(COMPLETED);
  assert.equal(baseline.responseId, 'resp_1');
  assert.equal(JSON.parse(wsRequest(request, baseline)).previous_response_id, 'resp_1');
  baseline.close();
  assert.equal(baseline.responseId, null);
  assert.equal(wsRequest(request, baseline), wsRequest(request, null));
  assert.throws(() => new Baseline('[]'), { code: 'invalid_type' });
});

test('any text comes out as it was sent', () => {
  const body = '{"model":"m","input":"\u{1f600}\\ud800 é \\u0000"}';
  assert.equal(wsRequest(body), body.replace('{', '{"type":"response.create",'));
  assert.equal(wsRequest(Buffer.from(body)), wsRequest(body));
  assert.equal(httpBody(wsRequest(body)).toString(), body);
});

test('wrong arguments are TypeErrors', () => {
  const envelope = errorEnvelope();
  for (const wrong of [undefined, null, 7, new ArrayBuffer(1)]) {
    for (const call of [wsRequest, httpBody, clientFrame]) assert.throws(() => call(wrong), TypeError);
    assert.throws(() => new Baseline(wrong), TypeError);
    assert.throws(() => new Baseline('{}').frame(wrong), TypeError);
    assert.throws(() => errorFrame(wrong), TypeError);
    assert.throws(() => afterFailure('http', wrong, false), TypeError);
    assert.throws(() => afterFailure('http', envelope, wrong), TypeError);
    assert.throws(() => afterFailure(wrong, envelope, false), TypeError);
  }
  for (const wrong of [{}, 'baseline', 7]) assert.throws(() => wsRequest('{}', wrong), TypeError);
  assert.throws(() => afterFailure('ws', envelope, false), { code: 'invalid_option', path: 'transport' });
  assert.throws(() => errorFrame({ status: 429 }), { code: 'invalid_option' });
});
