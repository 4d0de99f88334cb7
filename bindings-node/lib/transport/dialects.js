'use strict';
// What the transport knows of the dialects: their paths, whose requests it converts, what reads an answer.
// Input: a client's URL; the upstream's answer. Output: the upstream's URL; the answer in the client's dialect.
// State: in a Whole its collector.

const { randomBytes } = require('node:crypto');
const { pairOptions } = require('../pair-options.js');
const { Collector, Transcoder } = require('../transcoders.js');

const PATHS = { chat: '/chat/completions', responses: '/responses', messages: '/messages' };

/** By upstream, whose requests are converted; others pass through untouched. */
const CLIENTS = {
  chat: ['responses', 'messages'],
  responses: ['chat', 'responses', 'messages'],
  messages: ['chat', 'responses'],
};

/** What a profile must have for an upstream. */
const PROFILE_MEMBERS = { chat: 'chat', messages: 'messages' };

const BODIES = {
  chat: (collector) => collector.finalCompletion(),
  responses: (collector) => collector.finalResponse(),
  messages: (collector) => collector.finalMessage(),
};

/** Upstreams that leave ids out, or give every answer the same one. */
const REPEATS_IDS = new Set(['chat']);

/** Upstreams whose answers have no time. */
const UNDATED = new Set(['messages']);

/** Of clients that know an answer by its id later on, and so lose one where ids come twice. */
const ID_PREFIXES = { responses: 'resp_', messages: 'msg_' };

const BEARER = 'authorization';

/** Where a client's key is; of others, a Bearer token. */
const KEY_HEADERS = { messages: 'x-api-key' };

/**
 * Where a request goes, and the dialect of its answer, whatever the shape of its body; null for what passes through
 * untouched.
 */
function pathOf(upstream, method, url) {
  if (method !== 'POST' || !URL.canParse(url)) return null;
  const target = new URL(url);
  const client = CLIENTS[upstream].find((dialect) => target.pathname.endsWith(PATHS[dialect]));
  if (client === undefined) return null;
  target.pathname = target.pathname.slice(0, -PATHS[client].length) + PATHS[upstream];
  return { upstream: target.href, client };
}

/** What each client's answers are read with. Throws for an option that none has. */
function optionsByClient(upstream, options) {
  const clients = CLIENTS[upstream] ?? ['responses']; // an unknown upstream throws as it does everywhere
  const own = Object.fromEntries(clients.map((client) => [client, pairOptions(client, upstream, options)]));
  const stray = Object.keys(options).find((name) => !clients.some((client) => name in own[client]));
  if (stray !== undefined) new Transcoder({ client: clients[0], upstream, [stray]: options[stray] }); // throws
  return own;
}

function canUse(upstream, profile) {
  const member = PROFILE_MEMBERS[upstream];
  return member === undefined || profile.json[member] !== undefined;
}

/**
 * An id for one answer where the upstream's would not do, and a time where it has none: as options. What is recorded is
 * found by its id, which must not come twice, nor be guessed: 128 random bits.
 */
function ownFacts(client, upstream, isRecorded) {
  const isNeeded = (isRecorded || REPEATS_IDS.has(upstream)) && client in ID_PREFIXES;
  return {
    ...(UNDATED.has(upstream) && { created: Math.floor(Date.now() / 1000) }),
    ...(isNeeded && { id: ID_PREFIXES[client] + randomBytes(16).toString('hex') }),
  };
}

/** Puts the client's key where the upstream reads it. */
function moveKey(client, upstream, headers) {
  const [own, theirs] = [client, upstream].map((dialect) => KEY_HEADERS[dialect] ?? BEARER);
  const value = headers.get(own);
  const key = theirs === BEARER ? value && `Bearer ${value}` : /^bearer +(.+)$/i.exec(value)?.[1];
  if (own === theirs || !key || headers.has(theirs)) return;
  headers.delete(own);
  headers.set(theirs, key);
}

/**
 * What makes the client's answer of the upstream's: `feed`, `finish`, `outcome`, `hasOutput`, `response`.
 *
 * @returns {any}
 */
function readerOf(client, upstream, isStream, options) {
  if (isStream) return new Transcoder({ ...options, client, upstream });
  return new Whole(client, new Collector({ ...options, client, upstream }));
}

/** For a client that asked for no stream: nothing is sent before all of it is known. */
class Whole {
  #client;
  #collector;

  hasOutput = false;

  constructor(client, collector) {
    this.#client = client;
    this.#collector = collector;
  }

  feed(chunk) {
    this.#collector.feed(chunk);
    return Buffer.alloc(0);
  }

  finish() {
    this.#collector.finish();
    return BODIES[this.#client](this.#collector);
  }

  response() {
    return this.#collector.finalResponse();
  }

  get outcome() {
    return this.#collector.outcome;
  }
}

module.exports = { canUse, moveKey, optionsByClient, ownFacts, pathOf, readerOf };
