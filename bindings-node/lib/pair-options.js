'use strict';
// Options of a pair, out of those of an upstream.
// Input: what a transport was given. Output: what one client's answers are read with. State: none.

const { attempt, optionsJson, snakeCase } = require('./arguments.js');
const native = require('./native.js');

/** Of options for an upstream and clients of any dialect, those that one pair reads. */
function pairOptions(client, upstream, options = {}) {
  const json = optionsJson(options);
  const names = new Set(attempt(() => native.pairOptions(client, upstream, json)));
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.has(snakeCase(name))));
}

module.exports = { pairOptions };
