'use strict';
// The module's memory, for the other side of its imports.
// Input: addresses. Output: numbers and bytes at them. State: views, taken anew when the memory has grown; room for arguments.

/** What is given out at once; a page has so much. */
const PAGE_BYTES = 64 << 10;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

class Memory {
  #memory;
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #doubles = new Float64Array(0);

  constructor(memory) {
    this.#memory = memory;
    this.#retake();
  }

  #retake() {
    const { buffer } = this.#memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  /** Growth detaches a view, and what is detached has no length. */
  get bytes() {
    if (this.#bytes.length === 0) this.#retake();
    return this.#bytes;
  }

  get words() {
    if (this.#words.length === 0) this.#retake();
    return this.#words;
  }

  get doubles() {
    if (this.#doubles.length === 0) this.#retake();
    return this.#doubles;
  }

  /** A text of so many bytes; of all up to the zero where the length is -1. */
  text(at, length) {
    const { bytes } = this;
    const end = length === -1 ? bytes.indexOf(0, at) : at + length;
    return decoder.decode(bytes.subarray(at, end));
  }

  /** Memory that the module's own allocator does not know. */
  grow(size) {
    const pages = Math.ceil(size / PAGE_BYTES);
    return { at: this.#memory.grow(pages) * PAGE_BYTES, size: pages * PAGE_BYTES };
  }
}

/** Room for the bytes of a call's arguments: taken one after the other, and given back together when the call ends. */
class Arena {
  #memory;
  /** Each at least twice as long as the one before, so that all have less than twice the longest. */
  #regions = [];
  #nth = 0;
  #used = 0;

  constructor(memory) {
    this.#memory = memory;
  }

  /** The address of a copy. */
  copy(bytes) {
    const at = this.room(bytes.length);
    this.#memory.bytes.set(bytes, at);
    return at;
  }

  /** The address of so many bytes. */
  room(size) {
    while (this.#nth < this.#regions.length) {
      const region = this.#regions[this.#nth];
      if (size <= region.size - this.#used) {
        const at = region.at + this.#used;
        this.#used += size;
        return at;
      }
      this.#nth += 1;
      this.#used = 0;
    }
    const longest = this.#regions.at(-1)?.size ?? PAGE_BYTES / 2;
    this.#regions.push(this.#memory.grow(Math.max(size, 2 * longest)));
    return this.room(size);
  }

  /** How much is in use, as one number. */
  get mark() {
    return this.#nth * 2 ** 32 + this.#used;
  }

  set mark(mark) {
    this.#nth = Math.floor(mark / 2 ** 32);
    this.#used = mark % 2 ** 32;
  }
}

module.exports = { Arena, Memory, encoder };
