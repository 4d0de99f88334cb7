// What the Node package adds to frames: headers, objects, argument checks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Baseline, afterFailure, clientFrame, errorEnvelope, errorFrame, frameHeaders, httpBody, warmUpFrames, warmUpResponse, wsRequest,
} from 'sluicegate';

const COMPLETED = '{"type":"response.completed","response":{"id":"resp_1"}}';

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
  for (const wrong of [undefined, null, 7]) {
    for (const call of [frameHeaders, warmUpFrames, warmUpResponse]) assert.throws(() => call(wrong), TypeError);
  }
  for (const wrong of [{}, 'baseline', 7]) assert.throws(() => wsRequest('{}', wrong), TypeError);
  assert.throws(() => afterFailure('ws', envelope, false), { code: 'invalid_option', path: 'transport' });
  assert.throws(() => errorFrame({ status: 429 }), { code: 'invalid_option' });
});
