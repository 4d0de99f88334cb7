// A catalog's options, and what it makes of live documents.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalog } from 'sluicegate';

test('a request may be an object', () => {
  const { model, body } = new Catalog().routeRequest({ model: 'gpt-5.5-high' });
  assert.deepEqual([model, JSON.parse(body).model], ['gpt-5.5-high', 'gpt-5.5']);
  for (const wrong of [undefined, null, 7]) assert.throws(() => new Catalog().routeRequest(wrong), TypeError);
  assert.throws(() => new Catalog().routeRequest('{}', { latched: true }), { code: 'invalid_option', path: 'latched' });
});

test('options are named as JavaScript names them', () => {
  const catalog = new Catalog();
  const reason = (options) => catalog.route('gpt-5.5', options).reason;
  assert.equal(reason(), 'prefers_websocket');
  assert.equal(reason({ downstream: 'websocket' }), 'downstream_websocket');
  assert.equal(reason({ authWs: false }), 'auth_is_http');
  assert.equal(reason({ bodyBytes: 15 << 20 }), 'body_too_large');
  assert.equal(reason({ httpLatched: true, tools: ['image_generation'] }), 'http_latched');
  assert.throws(() => reason({ auth: false }), { code: 'invalid_option', path: 'auth' });
  assert.throws(() => reason({ downstream: 'smtp' }), { code: 'invalid_option', path: 'downstream' });
  for (const model of [undefined, null, 7]) assert.throws(() => catalog.route(model), TypeError);
});

test('what is live wins field by field', () => {
  const catalog = new Catalog();
  const before = catalog.model('gpt-5.4');
  catalog.mergeLive('{"models":[{"id":"gpt-5.4","context_window":1,"max_context_window":null,"unheard_of":[1]}]}');
  assert.deepEqual(catalog.model('openai/gpt-5.4-high'), { ...before, context_window: 1, unheard_of: [1] });
  assert.equal(catalog.model('unknown'), null);
});

test('both lists can be read back', () => {
  const catalog = new Catalog();
  catalog.mergeLive({ data: [{ id: 'x', created: 7 }] });
  for (const shape of ['codex', 'openai']) {
    const json = catalog.toJson(shape);
    for (const given of [json, Buffer.from(json), JSON.parse(json)]) {
      assert.equal(new Catalog(given).toJson(shape), json);
    }
  }
  assert.equal(catalog.toJson(), catalog.toJson('codex'));
  const list = JSON.parse(catalog.toJson('openai'));
  assert.ok(list.object === 'list' && list.data.every(({ id, object }) => typeof id === 'string' && object === 'model'));
});

test('what is no list of models is an error and changes nothing', () => {
  const catalog = new Catalog();
  for (const wrong of ['{}', '[]', '{"data":null}']) {
    assert.throws(() => catalog.mergeLive(wrong), { code: 'invalid_option', path: 'models' });
  }
  assert.throws(() => new Catalog('{"data":[}'), { code: 'invalid_json', offset: 9 });
  assert.throws(() => catalog.toJson('xml'), { code: 'invalid_option', path: 'shape' });
  for (const wrong of [undefined, null, 7]) assert.throws(() => catalog.mergeLive(wrong), TypeError);
  assert.equal(catalog.toJson(), new Catalog().toJson());
});
