// The recipe of docs/guides/encrypted-records.md, as it stands there: it opens nothing but its own record.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Continuation, RedisStore } from 'sluicegate';
import { FIRST, HELLO, NEXT, WHOLE } from './replay/continuation.mjs';

const page = readFileSync(new URL('../../docs/guides/encrypted-records.md', import.meta.url), 'utf8');
const [, program] = /^```js\n(.*?)^```$/ms.exec(page);
const tenant = new Continuation('tenant-1');
const missed = { code: 'previous_response_not_found' };

/** What the page's program defines, anew each time. */
async function recipe() {
  const nothing = `// ${Math.random()}`; // a module is loaded once for each URL
  const module = `${program}\nexport { KEYS, decrypt, encrypt }\n${nothing}`;
  return import(`data:text/javascript,${encodeURIComponent(module)}`);
}

/** A store over as much of a client as it asks for, and what that has. */
async function sealing() {
  const [{ KEYS, encrypt, decrypt }, values] = [await recipe(), new Map()];
  const client = {
    getBuffer: async (key) => values.get(key) ?? null,
    set: async (key, value, ex, ttlS, nx) => {
      assert.deepEqual([ex, ttlS], ['EX', 3600]);
      if (nx === 'NX' && values.has(key)) return null;
      values.set(key, value);
      return 'OK';
    },
  };
  return { store: new RedisStore(client, { encrypt, decrypt }), values, keys: KEYS, decrypt };
}

const remember = (store, body = FIRST, response = HELLO) => tenant.remember(store, tenant.expand(body), response);

test('a conversation goes on', async () => {
  const { store, values } = await sealing();
  assert.equal(await remember(store), null);
  const [value] = values.values();
  assert.ok(!value.includes('Hi') && !value.includes('input'));
  assert.equal((await tenant.resolve(store, NEXT)).body.toString(), WHOLE);
  assert.equal(await remember(store), null, 'the same again, sealed with another nonce');
  assert.equal(await remember(store, '{"input":"Other"}'), 'id_taken');
});

test('a record opens only where it was put', async () => {
  const { store, values } = await sealing();
  await remember(store);
  const key = tenant.key('resp_1');
  const value = values.get(key);
  const flipped = [...value].map((byte, at) => Buffer.from(value).fill(byte ^ 1, at, at + 1));
  const cut = [0, 1, 13, 28, value.length - 1].map((length) => value.subarray(0, length));
  const damaged = [...flipped, ...cut, Buffer.concat([value, Buffer.alloc(1)])].map((each) => [key, each]);
  const moved = [tenant.key('resp_2'), new Continuation('tenant-2').key('resp_1')].map((other) => [other, value]);
  for (const [at, put] of [...moved, ...damaged]) {
    values.clear();
    values.set(at, put);
    assert.equal(await store.get(at), null);
  }
  await assert.rejects(tenant.resolve(store, NEXT), missed);
});

test('keys change', async () => {
  const { store, values, keys } = await sealing();
  const old = keys.get(2);
  await remember(store);
  keys.clear();
  keys.set(3, Buffer.alloc(32)).set(2, old);
  assert.equal((await tenant.resolve(store, NEXT)).body.toString(), WHOLE, 'of the key before');
  assert.equal(await remember(store, FIRST, HELLO.replace('resp_1', 'resp_2')), null);
  assert.deepEqual([...values.values()].map(([number]) => number), [2, 3]);
  keys.delete(2);
  await assert.rejects(tenant.resolve(store, NEXT), missed);
});

/** The same value is in Python's `test_encrypted_records.py`. */
test('both languages seal alike', async () => {
  const { keys, decrypt } = await sealing();
  const sealed = '07000102030405060708090a0b2622a669aa88b26f886f28c09b347386162929244c4227a1';
  keys.set(7, Buffer.from(Array.from({ length: 32 }, (_, nth) => nth)));
  assert.equal(decrypt(Buffer.from(sealed, 'hex'), 'a key').toString(), 'a prompt');
});
