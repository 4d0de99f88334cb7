'use strict';
// One request through the transport, without the I/O, which is fetch.js's.
// Input: a client's request; chunks of the upstream's answer. Output: what to send; the client's answer.
// State: the head of the answer while its status is open; one transcoder or collector.
//
// The order: 1 TransportConfig.call converts the request. 2 Send it. 3 An error status: refused. 4 Else peek at chunks
// until the status is decided (or peekEnd at the end), then answer. 5 A stream goes on with feed and end.
// remember comes before the bytes go to the client, whose next turn may follow at once.

const { envelope } = require('./answers.js');
const { canUse, moveKey, optionsByClient, ownFacts, readerOf } = require('./dialects.js');
const { contentType } = require('../bodies.js');
const { Continuation } = require('../conversation.js');
const { isObject, text } = require('../arguments.js');
const { errorEnvelope } = require('../failures.js');
const { MAX_HEAD_BYTES, Reading } = require('../page.js');
const { Profile, convertRequest } = require('../request.js');

/** What all calls have in common. */
class TransportConfig {
  constructor(options) {
    if (!isObject(options)) throw new TypeError('options must be an object');
    const { upstream, profile, request, continuation, store, onRequest, onOutcome, ...answer } = options;
    this.upstream = text(upstream, 'upstream');
    /** @type {any} */
    this.profile = new Profile(profile ?? Profile.ofUpstream(this.upstream));
    this.request = request ?? {};
    this.tenant = continuation ?? null;
    this.store = store ?? null;
    this.onRequest = hook(onRequest, 'onRequest');
    this.onOutcome = hook(onOutcome, 'onOutcome');
    this.#check(answer);
    /** The options of what reads an answer, by client. */
    this.answer = optionsByClient(this.upstream, answer);
  }

  /** Wrong options throw now, not with the first request. */
  #check(answer) {
    if (!isObject(this.request)) throw new TypeError('request must be an object');
    if ((this.tenant === null) !== (this.store === null)) throw new TypeError('continuation and store go together');
    if (this.tenant !== null && !(this.tenant instanceof Continuation)) {
      throw new TypeError('continuation must be a Continuation');
    }
    const own = ['context', 'previousResponseId', 'previous_response_id', 'framing', 'frames', 'objects'];
    const taken = own.find((name) => (answer[name] ?? null) !== null);
    if (taken !== undefined) throw new TypeError(`${taken} is not for all requests`);
    if (!canUse(this.upstream, this.profile)) throw new TypeError(`the profile is none of a ${this.upstream} server`);
    this.#tryOut();
  }

  /** An empty conversation shows what is wrong with the request's options, but may itself be refused. */
  #tryOut() {
    const { request, upstream, profile } = this;
    try {
      convertRequest('{"input":[]}', { ...request, client: 'responses', upstream, profile });
    } catch (error) {
      if (!error.envelope) throw error;
    }
  }

  /** Throws the error of a request that must not be sent. */
  async call({ client }, body) {
    // Other requests have the whole conversation in them.
    const hasTurn = client === 'responses' && this.tenant !== null;
    const turn = hasTurn ? await this.tenant.resolve(this.store, body) : null;
    const options = turn === null ? this.request : { ...this.request, historyOrigin: turn.origin };
    const { upstream, profile } = this;
    const request = convertRequest(turn === null ? body : turn.body, { ...options, client, upstream, profile });
    await this.onRequest?.(request);
    return new TransportCall(this, client, request, turn);
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
  #client;
  #reader;
  #isStream;
  #head = [];
  #headBytes = 0;
  #reading;
  /**
   * The error envelope, where the upstream's answer is no stream.
   *
   * @type {any}
   */
  #refusal = null;

  isEnded = false;

  constructor(config, client, { body, context }, turn) {
    this.body = body;
    this.#config = config;
    this.#turn = turn;
    this.#client = client;
    this.#isStream = context.stream;
    const previousResponseId = turn === null ? null : turn.previousResponseId;
    const { upstream, answer } = config;
    const options = { ...ownFacts(client, upstream, turn !== null), ...answer[client], context, previousResponseId };
    this.#reader = readerOf(client, upstream, this.#isStream, options);
    this.#reading = new Reading(this.#reader);
  }

  /** The client's, and what the backend expects; never credentials. */
  headers(sent) {
    const { upstream, profile, request } = this.#config;
    const headers = new Headers(sent);
    for (const name of ['content-length', 'transfer-encoding']) headers.delete(name);
    moveKey(this.#client, upstream, headers);
    const added = profile.headers(request.transport ?? 'http');
    return { ...Object.fromEntries(headers), 'content-type': contentType(false), ...added };
  }

  /** Takes a chunk while the status is open; whether it is settled now. */
  peek(chunk) {
    this.#take(this.feed(chunk));
    if (this.#reader.hasOutput || this.#headBytes >= MAX_HEAD_BYTES) return true;
    if (this.#reader.outcome === null && !this.#reading.isOver) return false;
    this.peekEnd(); // all is known, and an upstream may stay open after that
    return true;
  }

  #take(head) {
    if (head.length > 0) this.#head.push(head);
    this.#headBytes += head.length;
  }

  /** The upstream's answer ended before its status was settled. */
  peekEnd() {
    this.#take(this.end());
  }

  /** What the client must be sent now. */
  feed(chunk) {
    this.#reading.take(chunk);
    return this.#reader.feed(chunk);
  }

  /** The upstream goes on and on after its end. */
  get isOver() {
    return this.#reading.isOver;
  }

  /** The last of the client's answer, however the upstream's ended. */
  end() {
    this.isEnded = true;
    return this.#reader.finish();
  }

  /** What the client gets; `headers`: the upstream's. */
  answer(headers, nowMs) {
    const failure = this.#failure;
    const page = failure === null ? null : this.#failurePage;
    if (page !== null) return this.refused(0, headers, page, nowMs);
    if (failure !== null && !this.#reader.hasOutput) return this.#failed(failure, { error: this.#reader.outcome.error });
    const head = Buffer.concat(this.#head);
    return { status: 200, headers: { 'content-type': contentType(this.#isStream) }, body: head, isWhole: this.isEnded };
  }

  /** What came in place of an answer, as far as that can be read. */
  get #failurePage() {
    const { page } = this.#reading;
    if (page === null || page.kind === null || (page.kind === 'document' && page.isCut)) return null;
    return page.bytes();
  }

  /** The answer where the upstream's is no stream. */
  refused(status, headers, body, nowMs) {
    if (!this.isEnded) this.end(); // to have an outcome
    this.#refusal = errorEnvelope({ status, headers, body, nowMs });
    return this.#failed(this.#refusal, this.#refusal.body);
  }

  #failed(verdict, body) {
    return envelope(this.#client, verdict, body);
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

  /** Records what the next turn needs, once it is known. What fails costs that, not the answer. */
  async remember() {
    const response = this.#turn === null ? null : this.#reader.response();
    if (response === null) return;
    const { tenant, store, request } = this.#config;
    const turn = this.#turn;
    this.#turn = null;
    try {
      const unrecorded = await tenant.remember(store, turn, response, { origin: request.origin });
      if (unrecorded === 'id_taken') warn({ code: unrecorded });
    } catch (error) {
      warn({ code: error.code, detail: error.stack });
    }
  }

  /** Gives the host the outcome, if there is one. */
  reportOutcome() {
    const { onOutcome } = this.#config;
    const outcome = onOutcome === null ? null : this.#outcome;
    if (outcome !== null) onOutcome(outcome);
  }
}

function warn(why) {
  process.emitWarning('an answer was not recorded', { type: 'SluicegateWarning', ...why });
}

module.exports = { TransportConfig };
