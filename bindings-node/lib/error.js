'use strict';
// The error class that everything in this package throws, but for `TypeError`.

const { printable } = require('./printable.js');

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

module.exports = { SluicegateError };
