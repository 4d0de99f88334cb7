'use strict';
// Emulates `previous_response_id`.
// Input: a request that continues a response, an answer, and a store. Output: the whole request; a record in the store.
// State: the scope; the records of a MemoryStore. Only the store is waited for.

const { types } = require('node:util');
const convert = require('./arguments.js');
const native = require('./native.js');

const { attempt, bytes, document, integer, isObject, known, optionalText, optionsJson, text } = convert;

/** After it a response cannot be continued: its record is taken out of the store. */
const ENDS_CHAIN = 'unknown_call';

class Continuation {
  #native;

  constructor(scope, options = {}) {
    if (!isObject(options)) throw new TypeError('options must be an object');
    // A lone surrogate would be written as U+FFFD, and two tenants could be one.
    if (Buffer.from(text(scope, 'scope')).toString() !== scope) throw new TypeError('scope must be well-formed');
    const json = optionsJson({ ...options, scope });
    this.#native = attempt(() => new native.Continuation(json));
  }

  key(responseId) {
    const id = text(responseId, 'responseId');
    return attempt(() => this.#native.key(id));
  }

  get tenant() {
    return this.#native.tenant;
  }

  lookup(request) {
    const given = document(request, 'request');
    return attempt(() => this.#native.lookup(given));
  }

  expand(request, record) {
    const given = document(request, 'request');
    const kept = record === undefined || record === null ? null : bytes(record, 'record');
    return attempt(() => this.#native.expand(given, kept));
  }

  record(turn, response, options = {}) {
    if (!isObject(turn)) throw new TypeError('turn must be what expand or resolve gave');
    const { origin } = known(options, ['origin'], 'options');
    const body = document(turn.body, 'turn.body');
    const history = optionalText(turn.origin, 'turn.origin');
    const answer = document(response, 'response');
    const own = optionalText(origin, 'origin');
    return attempt(() => this.#native.record(body, history, answer, own));
  }

  async resolve(store, request, options = {}) {
    const nowMs = clock(known(options, ['nowMs'], 'options').nowMs);
    const get = method(store, 'get');
    const given = document(request, 'request');
    const key = this.lookup(given);
    const record = key === null ? null : await asked(async () => found(await get(key, ...nowMs)));
    try {
      return this.expand(given, record);
    } catch (error) {
      if (error.code === ENDS_CHAIN) await asked(() => method(store, 'put')(key, Buffer.alloc(0), 0, ...nowMs));
      throw error;
    }
  }

  async remember(store, turn, response, options = {}) {
    const { origin, nowMs } = known(options, ['origin', 'nowMs'], 'options');
    const now = clock(nowMs);
    const putNew = adder(store, now);
    const { key, value, unrecorded } = this.record(turn, response, { origin });
    if (unrecorded !== null) return unrecorded;
    const { ttlS, tenant } = this.#native;
    return (await asked(() => putNew(key, value, ttlS, tenant))) ? null : 'id_taken';
  }
}

/** What keeps a value unless there is another one: in one step, where the store can. */
function adder(store, now) {
  const [get, put] = [method(store, 'get'), method(store, 'put')];
  if (typeof store.putNew === 'function') return (...record) => store.putNew(...record, ...now);
  return async (key, value, ttlS) => {
    const kept = found(await get(key, ...now));
    if (kept !== null) return Buffer.compare(kept, value) === 0;
    await put(key, value, ttlS, ...now);
    return true;
  };
}

/** A further argument, where the caller has a clock of his own. */
function clock(nowMs) {
  const given = integer(nowMs, 'nowMs');
  return given === null ? [] : [given];
}

/** A store's function. */
function method(store, name) {
  if (typeof store?.[name] !== 'function') throw new TypeError(`store must have ${name}`);
  return (...args) => store[name](...args);
}

/** Whatever a store fails with is a failed store: the host knows it by its code. */
async function asked(call) {
  try {
    return await call();
  } catch (error) {
    throw convert.storeFailed(error);
  }
}

function found(value) {
  if (value === undefined || value === null) return null;
  if (!types.isUint8Array(value)) throw new TypeError('get must give a Uint8Array or null');
  return value;
}

class MemoryStore {
  #native;

  constructor(options = {}) {
    const { maxEntries, maxBytes } = known(options, ['maxEntries', 'maxBytes'], 'options');
    const limits = [integer(maxEntries, 'maxEntries'), integer(maxBytes, 'maxBytes')];
    if (limits.filter((limit) => limit === null).length === 1) {
      throw new TypeError('maxEntries and maxBytes must be given both or neither');
    }
    this.#native = new native.MemoryStore(limits[0], limits[1]);
  }

  get(key, nowMs = Date.now()) {
    const [name, now] = [text(key, 'key'), needed(nowMs, 'nowMs')];
    return attempt(() => this.#native.get(name, now));
  }

  put(key, value, ttlS, nowMs = Date.now()) {
    const [ttl, now] = [needed(ttlS, 'ttlS'), needed(nowMs, 'nowMs')];
    const [name, given] = [text(key, 'key'), bytes(value, 'value')];
    attempt(() => this.#native.put(name, given, ttl, now));
  }

  putNew(key, value, ttlS, tenant, nowMs = Date.now()) {
    const [ttl, now] = [needed(ttlS, 'ttlS'), needed(nowMs, 'nowMs')];
    return this.#native.putNew(text(key, 'key'), bytes(value, 'value'), ttl, text(tenant, 'tenant'), now);
  }
}

function needed(value, name) {
  const given = integer(value, name);
  if (given === null) throw new TypeError(`${name} must be an integer`);
  return given;
}

module.exports = { Continuation, MemoryStore };
