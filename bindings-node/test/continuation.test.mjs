// Conversations over a store in memory, and over stores of one's own.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Continuation, MemoryStore, SluicegateError } from 'sluicegate';
import { FIRST, HELLO, NEXT, WHOLE } from './replay/continuation.mjs';

const tenant = new Continuation('tenant-1');
const missed = { name: 'SluicegateError', code: 'previous_response_not_found', path: 'previous_response_id' };

/** A store of the interface's two functions and no more, as a Map would be one. */
function ownStore() {
  const kept = new Map();
  return {
    kept,
    get: (key) => kept.get(key)?.value,
    put: async (key, value, ttlS) => void kept.set(key, { value: Uint8Array.from(value), ttlS }),
  };
}

async function began(store, options) {
  const turn = await tenant.resolve(store, FIRST, options);
  assert.equal(await tenant.remember(store, turn, HELLO, options), null);
}

test('a store of one\'s own needs two functions', async () => {
  const store = ownStore();
  await began(store);
  assert.deepEqual([...store.kept].map(([key, { ttlS }]) => [key, ttlS]), [[tenant.key('resp_1'), 3600]]);
  const { body, previousResponseId, origin } = await tenant.resolve(store, NEXT);
  assert.deepEqual([body.toString(), previousResponseId, origin], [WHOLE, 'resp_1', null]);
  await assert.rejects(new Continuation('tenant-2').resolve(store, NEXT), missed);
});

test('lookup, expand and record are for who asks the store himself', () => {
  const turn = tenant.expand(FIRST);
  assert.deepEqual(turn, { body: Buffer.from(FIRST), previousResponseId: null, origin: null });
  const { key, value, unrecorded } = tenant.record(turn, HELLO, { origin: 'codex/a' });
  assert.deepEqual([tenant.lookup(FIRST), tenant.lookup(NEXT), unrecorded], [null, key, null]);
  assert.equal(tenant.expand(JSON.parse(NEXT), value).origin, 'codex/a');
  assert.throws(() => tenant.expand(NEXT), (error) => error.envelope.error.code === missed.code && error.status === 400);
  assert.throws(() => tenant.expand(NEXT, value.subarray(1)), missed);
  assert.throws(() => new Continuation('tenant-2').expand(NEXT, value), missed);
});

const other = tenant.expand('{"input":"Other"}');

test('a taken id is refused', async () => {
  for (const store of [ownStore(), new MemoryStore()]) {
    const given = [];
    for (const turn of [tenant.expand(FIRST), tenant.expand(FIRST), other]) given.push(await tenant.remember(store, turn, HELLO));
    assert.deepEqual(given, [null, null, 'id_taken']);
    assert.equal(await new Continuation('tenant-2').remember(store, other, HELLO), null);
    assert.equal((await tenant.resolve(store, NEXT)).body.toString(), WHOLE);
  }
});

test('a store may refuse by itself', async () => {
  const seen = [];
  const store = { ...ownStore(), putNew: (...record) => seen.push(record) === 1 };
  store.get = () => assert.fail('not asked first');
  assert.equal(await tenant.remember(store, other, HELLO), null);
  assert.equal(await tenant.remember(store, other, HELLO, { nowMs: 7 }), 'id_taken');
  const { key, value } = tenant.record(other, HELLO);
  assert.deepEqual(seen, [[key, value, 3600, tenant.tenant], [key, value, 3600, tenant.tenant, 7]]);
  store.putNew = async () => Promise.reject(new Error('gone'));
  await assert.rejects(tenant.remember(store, other, HELLO), { code: 'store' });
});

test('records are authenticated with keys', () => {
  const keyed = (...keys) => new Continuation('tenant-1', { macKeys: keys.map((key) => Buffer.alloc(32, key).toString('hex')) });
  const made = (by) => by.record(by.expand(FIRST), HELLO).value;
  const value = made(keyed(1));
  const content = Buffer.concat([Buffer.from('\x08\0\0\0tenant-1'), value.subarray(33)]);
  const mac = createHmac('sha256', Buffer.alloc(32, 1)).update(content).digest();
  assert.deepEqual(value.subarray(0, 33), Buffer.concat([Buffer.from([2]), mac]));
  const digest = createHash('sha256').update(content).digest();
  const forged = Buffer.concat([Buffer.from([1]), digest, value.subarray(33)]);
  assert.equal(tenant.expand(NEXT, forged).body.toString(), WHOLE, 'without keys anybody can');
  for (const [by, record] of [[keyed(1), forged], [keyed(1), made(keyed(2))], [tenant, value]]) {
    assert.throws(() => by.expand(NEXT, record), missed);
  }
  for (const record of [value, made(keyed(2))]) assert.equal(keyed(2, 1).expand(NEXT, record).body.toString(), WHOLE);
  for (const macKeys of [['1'.repeat(62)], ['x'.repeat(64)], '1'.repeat(64), [1]]) {
    assert.throws(() => new Continuation('tenant-1', { macKeys }), { code: 'invalid_option', path: 'mac_keys' });
  }
});

test('a key is the digest of scope and id', () => {
  const digest = createHash('sha256').update('\x08\0\0\0tenant-1resp_1').digest('hex');
  assert.equal(tenant.key('resp_1'), `sluicegate:1:${digest}`);
});

test('gives the reason why there is nothing to record', () => {
  const turn = tenant.expand('{"input":"Hi","store":false}');
  assert.deepEqual(tenant.record(turn, HELLO), { key: null, value: null, unrecorded: 'unstored' });
  assert.equal(new Continuation('t', { recordUnstored: true }).record(turn, HELLO).unrecorded, null);
  assert.equal(tenant.record(turn, '{"id":"resp_1","status":"failed"}').unrecorded, 'not_completed');
  assert.throws(() => tenant.record(turn, '{"id":'), { code: 'invalid_json', offset: 6 });
});

test('a scope must be named, and options be known', () => {
  assert.throws(() => new Continuation(''), { code: 'invalid_option', path: 'scope' });
  assert.throws(() => new Continuation('a', { ttl: 1 }), { code: 'invalid_option', path: 'ttl' });
  assert.throws(() => new Continuation('a', { ttlS: -1 }), { code: 'invalid_option', path: 'ttl_s' });
  for (const scope of [undefined, null, 7, '\ud800']) assert.throws(() => new Continuation(scope), TypeError);
  for (const options of [null, [], 7]) assert.throws(() => new Continuation('a', options), TypeError);
  const turn = tenant.expand(FIRST);
  for (const options of [null, 7, { orign: 'a' }, { origin: 7 }]) {
    assert.throws(() => tenant.record(turn, HELLO, options), TypeError);
  }
  for (const given of [undefined, null, 'turn', {}]) assert.throws(() => tenant.record(given, HELLO), TypeError);
  for (const record of ['text', {}]) assert.throws(() => tenant.expand(NEXT, record), TypeError);
});

test('a store that fails is a typed error with its cause', async () => {
  const lost = new Error('gone');
  const fail = () => {
    throw lost;
  };
  for (const store of [{ get: fail, put: fail }, { get: async () => fail(), put: async () => fail() }]) {
    const failed = { code: 'store', message: 'cannot use the store: gone', cause: lost, status: null };
    await assert.rejects(tenant.resolve(store, NEXT), failed);
    const turn = await tenant.resolve(store, FIRST); // nothing to look up
    await assert.rejects(tenant.remember(store, turn, HELLO), failed);
    assert.equal(await tenant.remember(store, turn, '{}'), 'not_completed');
  }
  const wrong = tenant.resolve({ get: () => 'text' }, NEXT);
  await assert.rejects(wrong, (error) => error instanceof SluicegateError && error.cause instanceof TypeError);
});

test('what is no store is a TypeError, and nothing is asked', async () => {
  for (const store of [undefined, null, {}, new Set()]) {
    await assert.rejects(tenant.resolve(store, NEXT), TypeError);
    await assert.rejects(tenant.remember(store, tenant.expand(FIRST), HELLO), TypeError);
  }
  await assert.rejects(tenant.resolve(ownStore(), NEXT, { nowMs: 1.5 }), TypeError);
  await assert.rejects(tenant.resolve(ownStore(), '{'), { code: 'invalid_json' });
});

test('memory keeps the host\'s time, or its own', async () => {
  const store = new MemoryStore();
  await began(store, { nowMs: 1000 });
  assert.equal((await tenant.resolve(store, NEXT, { nowMs: 3_600_999 })).body.toString(), WHOLE);
  await assert.rejects(tenant.resolve(store, NEXT, { nowMs: 3_601_000 }), missed);
  await began(store);
  assert.equal((await tenant.resolve(store, NEXT)).body.toString(), WHOLE);
  store.put('key', Buffer.from('value'), 60);
  assert.deepEqual(store.get('key'), Buffer.from('value'));
  assert.equal(store.get('key', Date.now() + 61_000), null);
});

test('a tenant that floods memory loses its own', () => {
  const store = new MemoryStore({ maxEntries: 10, maxBytes: 1024 });
  const put = (key, who) => store.putNew(key, Buffer.from('1'), 60, who, 0);
  for (let nth = 0; nth < 5; nth += 1) assert.equal(put(`quiet ${nth}`, 'quiet'), true);
  for (let nth = 0; nth < 1000; nth += 1) put(`loud ${nth}`, 'loud');
  const kept = (who, count) => Array.from({ length: count }, (_, nth) => store.get(`${who} ${nth}`, 0)).filter(Boolean).length;
  assert.deepEqual([kept('quiet', 5), kept('loud', 1000)], [5, 5]);
  assert.equal(store.putNew('quiet 0', Buffer.from('2'), 60, 'quiet', 0), false);
  assert.equal(store.putNew('by the clock', Buffer.from('1'), 60, 'quiet'), true);
  for (const args of [[], ['k'], ['k', Buffer.from('1')], ['k', Buffer.from('1'), 1], ['k', 'v', 1, 'quiet']]) {
    assert.throws(() => store.putNew(...args), TypeError);
  }
});

test('memory has room for so much', () => {
  const store = new MemoryStore({ maxEntries: 2, maxBytes: 10 });
  const put = (key, value) => store.put(key, Buffer.from(value), 60, 0);
  const kept = () => ['a', 'b', 'c', 'd'].filter((key) => store.get(key, 0) !== null).join('');
  put('a', '1');
  put('b', '1');
  store.get('a', 0);
  put('c', '1');
  assert.equal(kept(), 'ac');
  put('d', '1234567');
  assert.equal(kept(), 'cd');
  put('a', '12345678901');
  assert.equal(kept(), 'cd');
  for (const options of [{ maxEntries: 1 }, { maxBytes: 1 }, { maxEntries: -1, maxBytes: 1 }, { entries: 1 }, null]) {
    assert.throws(() => new MemoryStore(options), TypeError);
  }
  for (const args of [['k', 'v', 1], ['k', Buffer.alloc(1)], [1, Buffer.alloc(1), 1], ['k', Buffer.alloc(1), 1, -1]]) {
    assert.throws(() => store.put(...args), TypeError);
  }
});
