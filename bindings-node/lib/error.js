'use strict';
// The error class that everything in this package throws, but for `TypeError`.

/** Control characters, line and paragraph separators, marks of direction. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** On one line: a message may have names of strangers in it. */
function printable(text) {
  return text.replace(UNPRINTABLE, (sign) => SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

class SluicegateError extends Error {
  constructor(message, { code, offset = null, path = null, envelope = null }, options) {
    super(printable(message), options);
    this.code = code;
    this.offset = offset;
    this.path = path;
    this.envelope = envelope;
    this.status = envelope === null ? null : 400;
    this.events = [];
    this.further = [];
  }
}
// On the prototype, where the built-in errors have it.
Object.defineProperty(SluicegateError.prototype, 'name', {
  value: 'SluicegateError',
  writable: true,
  configurable: true,
});

module.exports = { SluicegateError, printable };
