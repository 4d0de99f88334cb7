// The same conversations on Redis, through each client, and a Redis that is lost. Without SLUICEGATE_REDIS only the lost
// ones are there to be tested.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Continuation, RedisStore, SluicegateError } from 'sluicegate';
import { FIRST, HELLO, NEXT, WHOLE, conversations, isTimed, replay } from './replay/continuation.mjs';
import { clients } from './redis-clients.mjs';

const URL_OF_REDIS = process.env.SLUICEGATE_REDIS;
const TIMEOUT_MS = 300;
/** Another test makes the server wait. */
const PATIENT_MS = 10_000;
const tenant = new Continuation('tenant-1');
const missed = { code: 'previous_response_not_found' };

/** A test on a database of its own, empty. */
function onRedis(name, database, run) {
  clients.forEach(({ name: client, open, close, ask }, nth) => {
    test(`${client}: ${name}`, { skip: URL_OF_REDIS === undefined && 'no SLUICEGATE_REDIS' }, async () => {
      const url = `${URL_OF_REDIS}/${database}`;
      const direct = open(url);
      try {
        const store = new RedisStore(direct, { timeoutMs: PATIENT_MS });
        await store.get('connected');
        await ask(direct, 'FLUSHDB');
        await run({ store, url, nth, open, close, client: direct, ask: (...args) => ask(direct, ...args) });
      } finally {
        await close(direct);
      }
    });
  });
}

async function begin(store) {
  assert.equal(await tenant.remember(store, await tenant.resolve(store, FIRST), HELLO), null);
}

onRedis('conversations', 0, async ({ store, ask }) => {
  for (const conversation of conversations.filter((conversation) => !isTimed(conversation))) {
    await replay(conversation, store);
    await ask('FLUSHDB');
  }
});

onRedis('any bytes come back, as bytes', 1, async ({ store }) => {
  const value = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  await store.put('key', new Uint8Array(value), 60);
  assert.deepEqual(await store.get('key'), value);
  assert.equal(await store.get('no such key'), null);
});

onRedis('Redis keeps the time', 2, async ({ store, ask }) => {
  await begin(store);
  const key = tenant.key('resp_1');
  const left = Number(await ask('TTL', key));
  assert.ok(left > 3590 && left <= 3600, `${left}`);
  const value = await store.get(key);
  await store.put(key, value, 0);
  assert.equal(await store.get(key), null);
});

onRedis('a damaged value is a miss, and no string an error', 3, async ({ store, ask }) => {
  const key = tenant.key('resp_1');
  await store.put(key, Buffer.from('\x01\xff\0damaged', 'latin1'), 60);
  await assert.rejects(tenant.resolve(store, NEXT), missed);
  await ask('DEL', key);
  await ask('LPUSH', key, 'x');
  await assert.rejects(tenant.resolve(store, NEXT), { code: 'store' });
  assert.equal(await store.get('another'), null, 'and goes on');
});

onRedis('two processes share a conversation', 4, async ({ store, url, nth }) => {
  const other = fileURLToPath(new URL('redis-process.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [other, `${nth}`, url], { timeout: 30_000 });
  const { body, previousResponseId } = await tenant.resolve(store, NEXT);
  assert.deepEqual([body.toString(), previousResponseId], [WHOLE, 'resp_1']);
  await assert.rejects(new Continuation('tenant-2').resolve(store, NEXT), missed);
});

onRedis('a taken id is refused', 7, async ({ store, ask }) => {
  const given = [];
  for (const body of [FIRST, FIRST, '{"input":"Other"}']) given.push(await tenant.remember(store, tenant.expand(body), HELLO));
  assert.deepEqual(given, [null, null, 'id_taken']);
  assert.equal((await tenant.resolve(store, NEXT)).body.toString(), WHOLE);
  assert.ok(Number(await ask('TTL', tenant.key('resp_1'))) > 3590);
  const racing = Array.from({ length: 8 }, (_, nth) => store.putNew('raced', Buffer.from([nth]), 60, 'tenant'));
  assert.equal((await Promise.all(racing)).filter(Boolean).length, 1);
  assert.equal(await store.putNew('no time', Buffer.from('1'), 0, 'tenant'), true);
  assert.equal(await store.get('no time'), null);
});

onRedis('what is kept can be encrypted', 5, async ({ client, ask, store }) => {
  const secret = randomBytes(32);
  const encrypt = async (value, key) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(key));
    return new Uint8Array(Buffer.concat([iv, cipher.update(value), cipher.final(), cipher.getAuthTag()]));
  };
  const decrypt = (value, key) => {
    const decipher = createDecipheriv('aes-256-gcm', secret, value.subarray(0, 12)).setAAD(Buffer.from(key));
    decipher.setAuthTag(value.subarray(-16));
    return Buffer.concat([decipher.update(value.subarray(12, -16)), decipher.final()]);
  };
  const sealed = new RedisStore(client, { encrypt, decrypt, timeoutMs: PATIENT_MS });
  await begin(sealed);
  assert.equal((await tenant.resolve(sealed, NEXT)).body.toString(), WHOLE);
  const value = await store.get(tenant.key('resp_1'));
  assert.ok(!value.includes('input'));
  await assert.rejects(tenant.resolve(store, NEXT), missed);
  await store.put(tenant.key('resp_1'), value.reverse(), 60);
  await assert.rejects(tenant.resolve(sealed, NEXT), (error) => error.code === 'store' && error.cause instanceof Error);
  const lenient = new RedisStore(client, { encrypt, decrypt: () => null, timeoutMs: PATIENT_MS });
  await assert.rejects(tenant.resolve(lenient, NEXT), missed);
  assert.equal(await ask('DBSIZE'), 1);
});

/** Reading and writing; each a `store` error with its cause, in time. */
async function assertLost(store) {
  const from = Date.now();
  const isTyped = (error) => error instanceof SluicegateError && error.code === 'store' && error.cause instanceof Error;
  await assert.rejects(tenant.resolve(store, NEXT), isTyped);
  await assert.rejects(tenant.remember(store, tenant.expand(FIRST), HELLO), isTyped);
  assert.ok(Date.now() - from < 10 * TIMEOUT_MS, `${Date.now() - from} ms`);
}

onRedis('a Redis that stops answering', 6, async ({ ask, url, open, close }) => {
  const client = open(url);
  const store = new RedisStore(client, { timeoutMs: TIMEOUT_MS });
  await store.put('a', Buffer.from('1'), 60);
  await ask('CLIENT', 'PAUSE', '1000', 'WRITE');
  const from = Date.now();
  await assert.rejects(store.put('a', Buffer.from('2'), 60), { code: 'store' });
  assert.ok(Date.now() - from < 3 * TIMEOUT_MS);
  await ask('CLIENT', 'UNPAUSE');
  assert.ok((await store.get('a')) !== null, 'and goes on');
  await close(client);
});

/** A server that takes connections, and sends nothing. */
async function silent() {
  const sockets = new Set();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  };
  return { url: `redis://127.0.0.1:${server.address().port}`, stop };
}

for (const { name, open, close } of clients) {
  test(`${name}: a Redis that is not there`, async () => {
    const { url, stop } = await silent();
    stop();
    const client = open(url);
    await assertLost(new RedisStore(client, { timeoutMs: TIMEOUT_MS }));
    await close(client);
  });

  test(`${name}: a Redis that never answers`, async () => {
    const { url, stop } = await silent();
    const client = open(url);
    await assertLost(new RedisStore(client, { timeoutMs: TIMEOUT_MS }));
    await close(client);
    stop();
  });

  test(`${name}: a client that was closed`, async () => {
    const { url, stop } = await silent();
    const client = open(url);
    await close(client);
    await assertLost(new RedisStore(client, { timeoutMs: TIMEOUT_MS }));
    stop();
  });
}

test('what is no client, and hooks that are none, are TypeErrors', () => {
  for (const client of [undefined, null, {}, new Map(), 'redis://localhost']) {
    assert.throws(() => new RedisStore(client), TypeError);
  }
  const client = { getBuffer() {} };
  const hook = () => null;
  const wrong = [{ encrypt: hook }, { decrypt: hook }, { encrypt: 1, decrypt: 1 }, { timeout: 1 }];
  for (const options of [null, ...wrong, ...[0, -1, 1.5, '1', 2 ** 31].map((timeoutMs) => ({ timeoutMs }))]) {
    assert.throws(() => new RedisStore(client, options), TypeError);
  }
});

test('what a client gives must be bytes', async () => {
  const store = new RedisStore({ getBuffer: () => 'text' });
  await assert.rejects(tenant.resolve(store, NEXT), { code: 'store', message: /must be a Uint8Array/ });
});
