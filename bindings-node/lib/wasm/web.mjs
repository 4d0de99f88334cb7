// What the package's files use of Node, from the web's standards. The bundle for browsers and workers has it in Node's place.
// Input, output: as Node's. State: none.

const decoders = { utf8: new TextDecoder('utf-8', { ignoreBOM: true }) };
const encoder = new TextEncoder();

/** So many signs at once: they are arguments of a call. */
const SIGNS = 8192;

function latin1(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += SIGNS) pieces.push(String.fromCharCode(...bytes.subarray(at, at + SIGNS)));
  return pieces.join('');
}

/** Bytes as Node has them: what is used of them here, and what reads them as text. */
class Buffer extends Uint8Array {
  static alloc(size) {
    return new Buffer(size);
  }

  static allocUnsafeSlow(size) {
    return new Buffer(size);
  }

  /** @returns {any} */
  static from(given, offset, length) {
    if (typeof given === 'string') return Buffer.#over(encoder.encode(given));
    if (given instanceof ArrayBuffer) return new Buffer(given, offset, length);
    return new Buffer(given);
  }

  static #over({ buffer, byteOffset, length }) {
    return new Buffer(buffer, byteOffset, length);
  }

  static concat(list) {
    const whole = new Buffer(list.reduce((size, bytes) => size + bytes.length, 0));
    let at = 0;
    for (const bytes of list) {
      whole.set(bytes, at);
      at += bytes.length;
    }
    return whole;
  }

  static compare(one, other) {
    const differs = one.findIndex((byte, nth) => byte !== other[nth]);
    if (differs === -1) return one.length === other.length ? 0 : -1;
    return one[differs] < (other[differs] ?? -1) ? -1 : 1;
  }

  /** @param {string} [encoding] */
  toString(encoding = 'utf8') {
    return encoding === 'latin1' ? latin1(this) : decoders.utf8.decode(this);
  }

  equals(other) {
    return Buffer.compare(this, other) === 0;
  }
}

/** The getters of a class know its objects, of whatever realm. */
const getterOf = (prototype, name) => /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name)).get;
const tagOf = getterOf(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

function has(getter, value) {
  try {
    getter.call(value);
    return true;
  } catch {
    return false;
  }
}

const sizeOf = getterOf(ArrayBuffer.prototype, 'byteLength');
/** Of pages that are not isolated, the class is hidden. */
const sharedSizeOf = typeof SharedArrayBuffer === 'undefined' ? null : getterOf(SharedArrayBuffer.prototype, 'byteLength');
const isSharedArrayBuffer = (value) => sharedSizeOf !== null && has(sharedSizeOf, value);

const types = {
  isUint8Array: (value) => tagOf.call(value) === 'Uint8Array',
  isSharedArrayBuffer,
  isAnyArrayBuffer: (value) => has(sizeOf, value) || isSharedArrayBuffer(value),
  isPromise: (value) => Object.prototype.toString.call(value) === '[object Promise]',
};

function randomBytes(size) {
  const bytes = crypto.getRandomValues(new Uint8Array(size));
  return { toString: () => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

function fileURLToPath() {
  throw new TypeError('there are no files here: sink must be a function');
}

const process = { emitWarning: (text, { code }) => console.warn(code === undefined ? text : `${text}: ${code}`) };

export { Buffer, fileURLToPath, process, randomBytes, types };
