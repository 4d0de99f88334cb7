'use strict';
// Loads the addon: from the package's folder where it was built here, else from the package of this platform.
const { dirname } = require('node:path');
const { platformPackage } = require('./platform.js');

function found(load) {
  try {
    return load();
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return null;
  }
}

function missing() {
  const name = platformPackage(process);
  const built = `in a checkout: npm run build in ${dirname(__dirname)}`;
  return new Error(`no addon: the optional dependency ${name} is not installed, or there is none for this platform; ${built}`);
}

const addon = found(() => require('../sluicegate.node')) ?? found(() => require(platformPackage(process)));
if (addon === null) throw missing();
module.exports = addon;
