'use strict';
// The fetch wrappers: all the waiting of a request and its answer.
// Input: a fetch. Output: one for upstreams that only speak streaming `/responses`, or only chat.
// State: of each request its call, while its answer lasts.

const { rejection } = require('./answers.js');
const { isObject } = require('../arguments.js');
const { pathOf } = require('./dialects.js');
const { TransportConfig } = require('./call.js');
const { asked, bodyOf, response, sent } = require('./http-messages.js');
const { Page } = require('../page.js');
const { Source } = require('../source.js');

/** How long an upstream may take to end what is known to be over. */
const LINGER_MS = 1000;

function wrapFetch(fetch, options) {
  if (typeof fetch !== 'function') throw new TypeError('fetch must be a function');
  const config = new TransportConfig(options);
  return async (input, init) => {
    const request = asked(input, init);
    const path = pathOf(config.upstream, request.method, request.url);
    return path === null ? fetch(input, init) : new FetchCall(fetch, config, path, request).run();
  };
}

const chatOverResponses = (fetch, options) => wrapFetch(fetch, over('responses', options));
const responsesOverChat = (fetch, options) => wrapFetch(fetch, over('chat', options));

function over(upstream, options = {}) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  return { ...options, upstream };
}

/** Signals that are older than `reason` have none. */
function reasonOf({ reason }) {
  return reason ?? new DOMException('This operation was aborted', 'AbortError');
}

/** One request, up to the last byte of its answer. */
class FetchCall {
  #fetch;
  #config;
  #path;
  #request;
  #call;
  /** Stops the upstream's fetch: not every one has a body that can be closed while it is silent. */
  #upstream = new AbortController();
  #source;
  /** The controller of the client's body. */
  #out;
  #abort = () => {};
  #isClosed = false;

  constructor(fetch, config, path, request) {
    this.#fetch = fetch;
    this.#config = config;
    this.#path = path;
    this.#request = request;
  }

  /** An abort ends the call at once, whatever is waited for, and as long as there is anything of the answer to come. */
  async run() {
    const { signal } = this.#request;
    if (signal?.aborted) throw reasonOf(signal);
    const aborted = new Promise((_, reject) => {
      this.#abort = () => {
        reject(reasonOf(signal));
        this.#out?.error(reasonOf(signal));
        this.#close();
      };
    });
    signal?.addEventListener('abort', this.#abort);
    try {
      return await Promise.race([this.#answer(), aborted]);
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  async #answer() {
    try {
      this.#call = await this.#config.call(this.#path, await bodyOf(this.#request));
    } catch (error) {
      const answer = rejection(this.#path.client, error);
      this.#close();
      return response(answer);
    }
    const upstream = await this.#send();
    const answer = await this.#begin(upstream);
    if (!answer.isWhole) return response(answer, upstream.headers, this.#stream(answer.body));
    this.#close();
    return response(answer, upstream.headers);
  }

  async #send() {
    this.#upstream.signal.throwIfAborted();
    const fetch = this.#fetch;
    const upstream = await fetch(...sent(this.#request, this.#path, this.#call, this.#upstream.signal));
    this.#source = new Source(upstream.body ?? new Blob([]).stream());
    // This fetch ignored the signal.
    if (this.#isClosed) this.#leave();
    return upstream;
  }

  /** Reads until the status is settled. */
  async #begin({ ok, status, headers }) {
    if (!ok) return this.#call.refused(status, headers, await this.#page(), Date.now());
    if (!(await this.#isSettled())) this.#call.peekEnd();
    await this.#call.remember();
    return this.#call.answer(headers, Date.now());
  }

  async #page() {
    const page = new Page();
    for await (const chunk of this.#source) {
      page.feed(chunk);
      if (page.isFull) break;
    }
    return page.bytes();
  }

  async #isSettled() {
    for await (const chunk of this.#source) if (this.#call.peek(chunk)) return true;
    return false;
  }

  /** Reads the upstream only when it is read. */
  #stream(head) {
    const parts = this.#parts(head);
    return new ReadableStream(
      {
        start: (controller) => void (this.#out = controller),
        pull: (controller) => this.#pull(parts, controller),
        cancel: () => this.#close(),
      },
      { highWaterMark: 0 },
    );
  }

  async *#parts(head) {
    yield head;
    for await (const chunk of this.#source) {
      const out = this.#call.feed(chunk);
      await this.#call.remember();
      if (out.length > 0) yield out;
      if (this.#call.isOver) break;
    }
    const ending = this.#call.end();
    if (ending.length > 0) yield ending;
  }

  async #pull(parts, controller) {
    try {
      const { done, value } = await parts.next();
      if (this.#isClosed) return;
      if (!done) controller.enqueue(value);
      if (!this.#call.isEnded) return;
      this.#close();
      controller.close();
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** The client has all that it will get. */
  #close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#request.signal?.removeEventListener('abort', this.#abort);
    this.#leave();
    this.#call?.reportOutcome();
  }

  /** Waits for nothing: what is silent may close late, and how it closes is of no interest. */
  #leave() {
    if (this.#source?.isOver) return;
    if (this.#call?.isWhole) return void this.#linger();
    this.#upstream.abort();
    this.#source?.close().catch(() => {});
  }

  /** The connection can serve again if its end comes now; some upstreams never end it. */
  async #linger() {
    const late = new Promise((done) => /** @type {any} */ (setTimeout(done, LINGER_MS)).unref?.()); // a number in browsers
    await Promise.race([this.#page(), late]).catch(() => {});
    if (this.#source.isOver) return;
    this.#upstream.abort();
    this.#source.close().catch(() => {});
  }
}

module.exports = { chatOverResponses, responsesOverChat, wrapFetch };
