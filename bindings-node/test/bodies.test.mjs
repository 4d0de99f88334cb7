// Functions of whole bodies, and of how one begins.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Page, contentType, failureHeaders, imagesApi, imagesRequest, isSse, otelAttributes } from 'sluicegate';
import { bytes, text } from './streams.mjs';

test('imagesApi folds a Response, as text or as bytes', () => {
  const image = { type: 'image_generation_call', status: 'completed', result: 'AAéA', revised_prompt: 'a "b"' };
  const output = [{ type: 'message', content: [] }, image, { ...image, result: null }];
  const usage = { total_tokens: 2 };
  const response = JSON.stringify({ created_at: 17, output, tool_usage: { image_gen: usage } });
  const expected = { created: 17, data: [{ b64_json: 'AAéA', revised_prompt: 'a "b"' }], usage };
  for (const given of [response, bytes(response), Buffer.from(response)]) {
    assert.ok(Buffer.isBuffer(imagesApi(given)));
    assert.equal(text(imagesApi(given)), JSON.stringify(expected));
  }
  assert.equal(text(imagesApi('{}')), '{"created":0,"data":[]}');
});

test('imagesApi reports where a Response is no JSON', () => {
  assert.throws(() => imagesApi('{,}'), { name: 'SluicegateError', code: 'invalid_json', offset: 1, path: null });
  assert.equal(text(imagesApi({})), '{"created":0,"data":[]}');
  for (const given of [undefined, null, 1, new ArrayBuffer(2)]) assert.throws(() => imagesApi(given), TypeError);
});

test('failureHeaders have the time to come back', () => {
  const plain = { 'content-type': 'application/json' };
  assert.deepEqual([failureHeaders(), failureHeaders(null)], [plain, plain]);
  assert.deepEqual(failureHeaders(1001), { ...plain, 'retry-after-ms': '1001', 'retry-after': '2' });
  for (const given of ['1', -1, 0.5]) assert.throws(() => failureHeaders(given), TypeError);
});

test('contentType is what the client asked for', () => {
  assert.deepEqual([contentType(true), contentType(false)], ['text/event-stream', 'application/json']);
  for (const given of [undefined, null, 1, 'true']) assert.throws(() => contentType(given), TypeError);
});

test('isSse looks at the first bytes', () => {
  const got = ['data: 1', '\ufeffevent', ': ping', ' {"id":1}', '<html>', '', ' \n'].map((given) => isSse(bytes(given)));
  assert.deepEqual(got, [true, true, true, false, false, null, null]);
  assert.deepEqual([isSse('data: 1'), isSse('{}')], [true, false]);
  for (const given of [undefined, null, {}, [1]]) assert.throws(() => isSse(given), TypeError);
});

test('a Page is what a body begins with', () => {
  const page = new Page();
  page.feed(bytes(' \n'));
  assert.equal(page.kind, null);
  page.feed(bytes('<html>'));
  assert.deepEqual([page.kind, page.isCut, page.isFull, Buffer.from(page.bytes()).toString()], ['page', false, false, '<html>']);
  page.feed(new Uint8Array(2 << 20));
  assert.deepEqual([page.isCut, page.isFull, page.bytes().length], [true, true, 1 << 20]);
  for (const given of [undefined, null, {}, [1]]) assert.throws(() => page.feed(given), TypeError);
});

test('imagesRequest and otelAttributes name what is wrong', () => {
  for (const wrong of [undefined, null, 7]) {
    assert.throws(() => imagesRequest(wrong, 'm'), TypeError);
    assert.throws(() => imagesRequest('{}', wrong), TypeError);
  }
  for (const wrong of [undefined, null, 7, '{}']) assert.throws(() => otelAttributes(wrong), TypeError);
  assert.throws(() => otelAttributes({}), { code: 'invalid_option', path: 'status' });
});
