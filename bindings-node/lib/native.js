'use strict';
// Loads the addon: from the package's folder where it was built here, else from the package of this platform, else as a
// WebAssembly module, which fits every platform. SLUICEGATE_NATIVE=wasm takes the module at once.
const { dirname } = require('node:path');
const { platformPackage } = require('./platform.js');

function found(load) {
  try {
    return load();
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ENOENT') throw error;
    return null;
  }
}

function missing() {
  const name = platformPackage(process);
  const built = `in a checkout: npm run build in ${dirname(__dirname)}`;
  return new Error(`no addon: the optional dependency ${name} is not installed, or there is none for this platform; ${built}`);
}

const addons = [
  () => require('../sluicegate.node'),
  () => require(platformPackage(process)),
  () => require('./wasm/node.js'),
];
const wanted = process.env.SLUICEGATE_NATIVE === 'wasm' ? addons.slice(2) : addons;
const addon = wanted.reduce((addon, load) => addon ?? found(load), /** @type {any} */ (null));
if (addon === null) throw missing();
module.exports = addon;
