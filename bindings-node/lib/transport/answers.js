'use strict';
// The answers of the transport.
// Input: what a call came to. Output: the client's answer, and what reads the upstream's.
// State: in a Whole its collector, and the Response; in a WholeResponse its transcoder.

const { ChatTranscoder, ResponseCollector, ResponsesRelay, ResponsesTranscoder } = require('../transcoders.js');
const { SluicegateError } = require('../error.js');
const { failureHeaders } = require('../failures.js');

/**
 * What makes the client's answer of the upstream's: `feed`, `finish`, `outcome`, `committed`, of Responses `response`.
 *
 * @returns {any}
 */
function readerOf(isChat, isStream, options) {
  if (!isStream) return new Whole(isChat, options);
  return isChat ? new ChatTranscoder(options) : new ResponsesRelay(options);
}

/** For a client that asked for no stream: nothing is sent before all of it is known. */
class Whole {
  #collector;
  #isChat;
  #response = null;

  committed = false;

  constructor(isChat, options) {
    this.#isChat = isChat;
    this.#collector = new ResponseCollector(options);
  }

  feed(chunk) {
    this.#collector.feed(chunk);
    return Buffer.alloc(0);
  }

  finish() {
    this.#response = this.#collector.finish();
    return (this.#isChat ? this.#collector.chatCompletion() : null) ?? this.#response;
  }

  response() {
    return this.#response;
  }

  get outcome() {
    return this.#collector.outcome;
  }
}

/**
 * The same of an upstream that speaks only chat.
 *
 * @returns {any}
 */
function responderOf(isChat, isStream, options) {
  return isStream ? new ResponsesTranscoder(options) : new WholeResponse(options);
}

class WholeResponse {
  #transcoder;

  committed = false;

  constructor(options) {
    this.#transcoder = new ResponsesTranscoder(options);
  }

  feed(chunk) {
    this.#transcoder.feed(chunk);
    return Buffer.alloc(0);
  }

  finish() {
    this.#transcoder.finish();
    return this.#transcoder.response();
  }

  response() {
    return this.#transcoder.response();
  }

  get outcome() {
    return this.#transcoder.outcome;
  }
}

/** The answer to a request that must not be sent; throws what is no such thing. */
function rejection(error) {
  if (!(error instanceof SluicegateError) || error.envelope === null) throw error;
  return failed(error.status, error.envelope, null);
}

/** The answer to a failure of the upstream. */
function envelope(verdict, body) {
  return failed(verdict.status, body, verdict.retry_after_ms);
}

/** `isWhole`: there is no more than this body. */
function failed(status, body, retryAfterMs) {
  return { status, headers: failureHeaders(retryAfterMs), body: Buffer.from(JSON.stringify(body)), isWhole: true };
}

module.exports = { envelope, readerOf, rejection, responderOf };
