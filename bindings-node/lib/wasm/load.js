'use strict';
// The addon as a WebAssembly module.
// Input: a compiled module. Output: what the addon exports. State: an instance of it.

const { Napi } = require('./napi.js');

/** Functions that write into a slab; where their arguments have the place in it. */
const INTO = { feedInto: 3, feedEventInto: 3, feedDocumentInto: 3, finishInto: 2 };

/** The length in what they give; what is below zero was not written. */
const LENGTH = 2 ** 30 - 1;

/** Of the last instance. */
let memory;

/** @param {WebAssembly.Module} module */
function load(module) {
  const napi = new Napi();
  const instance = new WebAssembly.Instance(module, napi.imports);
  memory = instance.exports.memory;
  const own = napi.start(instance);
  const perEvent = own.perEvent();
  for (const calls of [own, perEvent]) takeBack(calls, napi);
  return { ...own, perEvent: () => perEvent };
}

/** Functions that write into a slab do. */
function takeBack(calls, napi) {
  for (const [name, place] of Object.entries(INTO).filter(([name]) => name in calls)) {
    const into = calls[name];
    calls[name] = (...args) => {
      const length = into(...args);
      if (length > 0) napi.takeBack(args[place], length & LENGTH);
      return length;
    };
  }
}

module.exports = { load, memory: () => memory };
