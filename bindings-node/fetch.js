'use strict';
// The entry `sluicegate/fetch`.

module.exports = require('./lib/transport/fetch.js');
