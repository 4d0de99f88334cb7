'use strict';
// Text that has names of strangers in it, for a message.
// Input: text. Output: the same on one line. State: none.

/** Control characters, line and paragraph separators, marks of direction. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Escapes what would end a line of a log, hide in it or steer a terminal. */
function printable(text) {
  return text.replace(UNPRINTABLE, (sign) => SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

module.exports = { printable };
