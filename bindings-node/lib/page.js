'use strict';
// An upstream's body while nobody knows what it is, and what is read of it in vain.
// Input: its chunks. Output: its kind, at most 1 MiB of it, whether to read on. State: the addon's page; what came late.

const { attempt, chunkBytes, isPlain } = require('./arguments.js');
const native = require('./native.js');

/** What may be held back of comments and blank lines, while the status is open. */
const { MAX_HEAD_BYTES } = native;

/** What an event that came as an object is counted for after the end. */
const EVENT_BYTES = 1024;

/** The beginning of a body: what it is, and of a page what an envelope is made of. */
class Page {
  #native = new native.Page();

  feed(chunk) {
    const given = chunkBytes(chunk);
    attempt(() => this.#native.feed(given));
  }

  /** `stream`, `document` (JSON) or `page`; null while nothing but white space was seen. */
  get kind() {
    return attempt(() => this.#native.kind);
  }

  get isCut() {
    return attempt(() => this.#native.isCut);
  }

  /** No more of it is worth reading, if it is no answer. */
  get isFull() {
    return attempt(() => this.#native.isFull);
  }

  bytes() {
    return attempt(() => this.#native.bytes());
  }
}

/**
 * Whether it is of use to read on in a source, which may go on for ever. It is not after the end of the answer, nor where
 * there is none: 1 MiB of white space, or of a page.
 */
class Reading {
  #consumer;
  #late = 0;

  /**
   * What came; null once that is known to be a stream.
   *
   * @type {Page | null}
   */
  page = new Page();

  constructor(consumer) {
    this.#consumer = consumer;
  }

  /** What the consumer gives for a chunk, or for an event, which is a plain object. */
  feed(chunk) {
    if (isPlain(chunk)) {
      this.page = null;
      this.#count(EVENT_BYTES);
      return this.#consumer.feedEvent(chunk);
    }
    const given = chunkBytes(chunk, ', a plain object');
    this.take(given);
    return this.#consumer.feed(given);
  }

  #count(size) {
    if (this.#late > 0 || this.#consumer.outcome !== null) this.#late += size;
  }

  /** A chunk that the consumer has not yet. */
  take(chunk) {
    this.#count(chunk.length);
    this.page?.feed(chunk);
    if (this.page?.kind === 'stream') this.page = null;
  }

  get isOver() {
    return this.#late >= MAX_HEAD_BYTES || this.#isPage;
  }

  /** Of a document, which may be an answer, the consumer knows when it is too much. */
  get #isPage() {
    const { page } = this;
    return page !== null && page.kind !== 'document' && page.isFull && !this.#consumer.hasOutput;
  }
}

module.exports = { MAX_HEAD_BYTES, Page, Reading };
