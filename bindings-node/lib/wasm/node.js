'use strict';
// The module for Node, where there is no addon for the platform.

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { load } = require('./load.js');

module.exports = load(new WebAssembly.Module(readFileSync(join(__dirname, '../../wasm/sluicegate.wasm'))));
