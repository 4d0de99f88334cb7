'use strict';
// The one place that knows where the addon lies.
try {
  module.exports = require('./sluicegate.node');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
  throw new Error(`the addon is not built: run npm run build in ${__dirname}`, { cause: error });
}
