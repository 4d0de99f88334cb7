'use strict';
// Reads a source of chunks.
// Input: a ReadableStream, a Node stream or any async iterable. Output: its chunks. State: whether it is over, and why.

/** The chunks of a source. One that fails just ends, and `failure` has why; `close` gives up what is unread. */
class Source {
  #read;
  #cancel;
  #isOver = false;

  /** @type {{ error: unknown } | null} */
  failure = null;

  constructor(source) {
    if (typeof source?.getReader === 'function') {
      // Not the stream's own iterator: its return waits for the read that is under way.
      const reader = source.getReader();
      this.#read = () => reader.read();
      this.#cancel = () => reader.cancel();
    } else if (typeof source?.[Symbol.asyncIterator] === 'function') {
      const chunks = source[Symbol.asyncIterator]();
      this.#read = () => chunks.next();
      // Nor a Node stream's, for the same reason.
      this.#cancel = () => (typeof source.destroy === 'function' ? source.destroy() : chunks.return?.());
    } else {
      throw new TypeError('source must be a ReadableStream or an async iterable');
    }
  }

  /** Without a `return`: who leaves a loop early closes the source himself. */
  [Symbol.asyncIterator]() {
    return { next: () => this.#next() };
  }

  /** It has ended or failed. */
  get isOver() {
    return this.#isOver;
  }

  async #next() {
    try {
      const step = await this.#read();
      this.#isOver = step.done;
      return step;
    } catch (error) {
      this.#isOver = true;
      this.failure = { error };
      return { done: true, value: undefined };
    }
  }

  /** What is over is not closed again. */
  async close() {
    if (!this.#isOver) await this.#cancel();
  }
}

module.exports = { Source };
