'use strict';
// One request through the transport, without the I/O, which is fetch.js's.
// Input: a client's request; chunks of the upstream's answer. Output: what to send; the client's answer.
// State: the head of the answer while its status is open; one transcoder, relay or collector.
//
// The order: 1 TransportConfig.call converts the request. 2 Send it. 3 An error status: refused. 4 Else peek at chunks
// until the status is decided (or peekEnd at the end), then answer. 5 A stream goes on with feed and end.
// remember comes before the bytes go to the client, whose next turn may follow at once.

const { envelope } = require('./answers.js');
const { contentType, isSse } = require('../bodies.js');
const { Continuation } = require('../conversation.js');
const { isObject } = require('../arguments.js');
const { errorEnvelope } = require('../failures.js');
const { Profile } = require('../request.js');

/** What all calls have in common. */
class TransportConfig {
  /** `direction`: one of directions.js. */
  constructor(direction, options = {}) {
    if (!isObject(options)) throw new TypeError('options must be an object');
    const { profile, request, continuation, store, onRequest, onOutcome, ...answer } = options;
    this.direction = direction;
    /** @type {any} */
    this.profile = new Profile(profile ?? direction.profile);
    this.request = request ?? {};
    this.tenant = continuation ?? null;
    this.store = store ?? null;
    this.onRequest = hook(onRequest, 'onRequest');
    this.onOutcome = hook(onOutcome, 'onOutcome');
    this.answer = answer;
    this.#check();
  }

  /** Wrong options throw now, not with the first request. */
  #check() {
    if (!isObject(this.request)) throw new TypeError('request must be an object');
    if ((this.tenant === null) !== (this.store === null)) throw new TypeError('continuation and store go together');
    if (this.tenant !== null && !(this.tenant instanceof Continuation)) {
      throw new TypeError('continuation must be a Continuation');
    }
    const own = ['context', 'previousResponseId', 'previous_response_id', 'frames'];
    const taken = own.find((name) => (this.answer[name] ?? null) !== null);
    if (taken !== undefined) throw new TypeError(`${taken} is not for all requests`);
    if (!this.direction.canUse(this.profile)) throw new TypeError('the profile is none of a chat server');
    this.direction.readerOf(true, true, this.answer);
  }

  /** Throws the error of a request that must not be sent. */
  async call({ isChat }, body) {
    // Chat requests have the whole conversation in them.
    const turn = isChat || this.tenant === null ? null : await this.tenant.resolve(this.store, body);
    const options = turn === null ? this.request : { ...this.request, historyOrigin: turn.origin };
    const normalized = this.direction.convert(isChat, turn === null ? body : turn.body, this.profile, options);
    this.onRequest?.(normalized);
    return new TransportCall(this, isChat, normalized, turn);
  }
}

function hook(given, name) {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'function') throw new TypeError(`${name} must be a function`);
  return given;
}

/** One request, and its answer. */
class TransportCall {
  #config;
  #turn;
  #reader;
  #isStream;
  /** @type {boolean | null} */
  #isSse = null;
  /** What came before that was known; a whole page, if it is none. */
  #unread = [];
  #head = [];
  /**
   * The error envelope, where the upstream's answer is no stream.
   *
   * @type {any}
   */
  #refusal = null;

  isEnded = false;

  constructor(config, isChat, { body, context }, turn) {
    this.body = body;
    this.#config = config;
    this.#turn = turn;
    this.#isStream = context.stream;
    const previousResponseId = turn === null ? null : turn.previousResponseId;
    this.#reader = config.direction.readerOf(isChat, this.#isStream, { ...config.answer, context, previousResponseId });
  }

  /** The client's, and what the backend expects; never credentials. */
  headers(sent) {
    const { profile, request } = this.#config;
    const headers = new Headers(sent);
    for (const name of ['content-length', 'transfer-encoding']) headers.delete(name);
    const added = profile.headers(request.transport ?? 'http');
    return { ...Object.fromEntries(headers), 'content-type': contentType(false), ...added };
  }

  /** Takes a chunk while the status is open; whether it is settled now. */
  peek(chunk) {
    const known = this.#isSse === true ? chunk : this.#recognized(chunk);
    if (known === null) return false;
    this.#head.push(this.feed(known));
    if (this.#reader.committed) return true;
    if (this.#reader.outcome === null) return false;
    this.peekEnd(); // all is known, and an upstream may stay open after that
    return true;
  }

  /** What the reader must be given, once it is known whether it is a stream. */
  #recognized(chunk) {
    this.#unread.push(chunk);
    if (this.#isSse === false) return chunk;
    const read = Buffer.concat(this.#unread);
    this.#isSse = isSse(read);
    return this.#isSse === null ? null : read;
  }

  /** The upstream's answer ended before its status was settled. */
  peekEnd() {
    this.#head.push(this.end());
  }

  /** What the client must be sent now. */
  feed(chunk) {
    return this.#reader.feed(chunk);
  }

  /** The last of the client's answer, however the upstream's ended. */
  end() {
    this.isEnded = true;
    return this.#reader.finish();
  }

  /** What the client gets; `headers`: the upstream's. */
  answer(headers, nowMs) {
    const failure = this.#failure;
    if (failure !== null && this.#isSse === false) return this.refused(0, headers, Buffer.concat(this.#unread), nowMs);
    if (failure !== null && !this.#reader.committed) return envelope(failure, { error: this.#reader.outcome.error });
    const head = Buffer.concat(this.#head);
    return { status: 200, headers: { 'content-type': contentType(this.#isStream) }, body: head, isWhole: this.isEnded };
  }

  /** The answer where the upstream's is no stream. */
  refused(status, headers, body, nowMs) {
    if (!this.isEnded) this.end(); // to have an outcome
    this.#refusal = errorEnvelope({ status, headers, body, nowMs });
    return envelope(this.#refusal, this.#refusal.body);
  }

  /** It ended, and was no failure. */
  get isWhole() {
    return this.isEnded && this.#failure === null;
  }

  get #failure() {
    return this.#reader.outcome?.failure ?? null;
  }

  get #outcome() {
    const outcome = this.#reader.outcome;
    if (outcome === null || this.#refusal === null) return outcome;
    const { body, status, class: kind, retry_after_ms: after } = this.#refusal;
    const failure = { status, class: kind, retry_after_ms: after };
    return { ...outcome, status: 'failed', error: body.error, failure };
  }

  /** Records what the next turn needs, once it is known. A store that fails costs that, not the answer. */
  async remember() {
    const response = this.#turn === null ? null : this.#reader.response();
    if (response === null) return;
    const { tenant, store, request } = this.#config;
    const turn = this.#turn;
    this.#turn = null;
    try {
      await tenant.remember(store, turn, response, { origin: request.origin });
    } catch (error) {
      if (error.code !== 'store') throw error;
      const { code, stack: detail } = error;
      process.emitWarning('an answer was not recorded', { type: 'SluicegateWarning', code, detail });
    }
  }

  /** Gives the host the outcome, if there is one. */
  reportOutcome() {
    const { onOutcome } = this.#config;
    const outcome = onOutcome === null ? null : this.#outcome;
    if (outcome !== null) onOutcome(outcome);
  }
}

module.exports = { TransportConfig };
