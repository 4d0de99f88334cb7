'use strict';
// In the bundle for browsers and workers, what lib/native.js is in Node: the addon's exports. entry.mjs puts them in before it
// loads any file that uses them.

module.exports = {};
