'use strict';
// A store in Redis or Valkey.
// Input: a client that the host has connected. Output: records in Redis. State: the client.
// What a client can do shows which package it is from; none of them is a dependency.

const { types } = require('node:util');
const { known, integer, storeFailed, text } = require('./arguments.js');

/** What setTimeout takes at most. */
const LONGEST_MS = 2 ** 31 - 1;
const DEFAULT_MS = 3000;

/** RESP's bulk strings (`$`) as node-redis numbers them; without this they would be decoded as text. */
const AS_BUFFERS = { 36: Buffer };

const asGiven = (value) => value;

class RedisStore {
  #ask;
  #encrypt;
  #decrypt;
  #timeoutMs;

  constructor(client, options = {}) {
    const { encrypt, decrypt, timeoutMs } = known(options, ['encrypt', 'decrypt', 'timeoutMs'], 'options');
    this.#ask = commandsOf(client);
    [this.#encrypt, this.#decrypt] = hooks(encrypt, decrypt);
    this.#timeoutMs = integer(timeoutMs, 'timeoutMs', LONGEST_MS, 1) ?? DEFAULT_MS;
  }

  async get(key) {
    const value = await this.#inTime((signal) => this.#ask.get(text(key, 'key'), signal));
    if (value === null || value === undefined) return null;
    const opened = await this.#decrypt(asBuffer(value, 'what the client gives'), key);
    return opened === null || opened === undefined ? null : asBuffer(opened, 'what decrypt gives');
  }

  async put(key, value, ttlS) {
    const given = asBuffer(value, 'value');
    const ttl = integer(ttlS, 'ttlS') ?? 0;
    const sealed = asBuffer(await this.#encrypt(given, text(key, 'key')), 'what encrypt gives');
    await this.#inTime((signal) => (ttl === 0 ? this.#ask.del(key, signal) : this.#ask.set(key, sealed, ttl, signal)));
  }

  /** Redis counts for itself, so it is all one who the tenant is. */
  async putNew(key, value, ttlS) {
    const given = asBuffer(value, 'value');
    const ttl = integer(ttlS, 'ttlS') ?? 0;
    if (ttl === 0) return true;
    const sealed = asBuffer(await this.#encrypt(given, text(key, 'key')), 'what encrypt gives');
    const isNew = await this.#inTime((signal) => this.#ask.add(key, sealed, ttl, signal));
    return isNew !== null || given.equals((await this.get(key)) ?? Buffer.alloc(0));
  }

  /** A client that is not connected waits for a connection, possibly for ever; the signal takes the command back. */
  async #inTime(call) {
    const giveUp = new AbortController();
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${this.#timeoutMs} ms`));
        giveUp.abort();
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([call(giveUp.signal), late]);
    } catch (error) {
      throw storeFailed(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function hooks(encrypt, decrypt) {
  const given = [encrypt, decrypt].map((hook) => hook ?? null);
  if (given.every((hook) => hook === null)) return [asGiven, asGiven];
  if (given.every((hook) => typeof hook === 'function')) return given;
  throw new TypeError('encrypt and decrypt must be functions, both or neither');
}

function asBuffer(value, name) {
  if (!types.isUint8Array(value)) throw new TypeError(`${name} must be a Uint8Array`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** GET, SET, SET with NX (null where there is a value) and DEL, each client's way. */
function commandsOf(client) {
  if (typeof client?.getBuffer === 'function') return ofIoredis(client);
  if (typeof client?.withCommandOptions === 'function') return ofNodeRedis(client);
  if (typeof client?.sendCommand === 'function' && typeof client.setEx === 'function') return ofNodeRedis4(client);
  throw new TypeError('client must be one of node-redis or ioredis');
}

function ofIoredis(client) {
  return {
    get: (key) => client.getBuffer(key),
    set: (key, value, ttlS) => client.set(key, value, 'EX', ttlS),
    add: (key, value, ttlS) => client.set(key, value, 'EX', ttlS, 'NX'),
    del: (key) => client.del(key),
  };
}

/** Version 5 and later; clients, pools and clusters. */
function ofNodeRedis(client) {
  const within = (abortSignal) => client.withCommandOptions({ typeMapping: AS_BUFFERS, abortSignal });
  return {
    get: (key, signal) => within(signal).get(key),
    set: (key, value, ttlS, signal) => within(signal).set(key, value, { EX: ttlS }),
    add: (key, value, ttlS, signal) => within(signal).set(key, value, { EX: ttlS, NX: true }),
    del: (key, signal) => within(signal).del(key),
  };
}

function ofNodeRedis4(client) {
  const send = (args, signal) => client.sendCommand(args, { returnBuffers: true, signal });
  return {
    get: (key, signal) => send(['GET', key], signal),
    set: (key, value, ttlS, signal) => send(['SET', key, value, 'EX', String(ttlS)], signal),
    add: (key, value, ttlS, signal) => send(['SET', key, value, 'EX', String(ttlS), 'NX'], signal),
    del: (key, signal) => send(['DEL', key], signal),
  };
}

module.exports = { RedisStore };
