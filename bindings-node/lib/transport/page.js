'use strict';
// The beginning of an upstream's body: what it is, and of a page what an envelope is made of.
// Input: its chunks. Output: its kind, at most 1 MiB of it. State: the addon's page.

const { attempt, bytes } = require('../arguments.js');
const native = require('../native.js');

/** What may be held back of comments and blank lines, while the status is open. */
const { MAX_HEAD_BYTES } = native;

class Page {
  #native = new native.Page();

  feed(chunk) {
    const given = bytes(chunk, 'chunk');
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

module.exports = { MAX_HEAD_BYTES, Page };
