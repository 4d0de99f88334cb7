'use strict';
// Functions of a whole body, or of its first bytes.
// Input: a body. Output: what the addon makes of it. State: none.

const { attempt, bytes, optionalText } = require('./arguments.js');
const native = require('./native.js');

function imagesApi(response) {
  const given = typeof response === 'string' ? response : bytes(response, 'response');
  return attempt(() => native.imagesApi(given));
}

function lint(stream, profile) {
  const given = typeof stream === 'string' ? stream : bytes(stream, 'stream');
  const name = optionalText(profile, 'profile');
  return JSON.parse(attempt(() => native.lint(given, name)));
}

function contentType(isStream) {
  if (typeof isStream !== 'boolean') throw new TypeError('isStream must be a boolean');
  return attempt(() => native.contentType(isStream));
}

function isSse(firstBytes) {
  const given = bytes(firstBytes, 'firstBytes');
  return attempt(() => native.isSse(given));
}

/** The beginning of an upstream's body: what it is, and of a page what an envelope is made of. */
class Page {
  #native = new native.Page();

  feed(chunk) {
    const given = bytes(chunk, 'chunk');
    attempt(() => this.#native.feed(given));
  }

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

const { MAX_HEAD_BYTES } = native;

module.exports = { MAX_HEAD_BYTES, Page, imagesApi, lint, contentType, isSse };
