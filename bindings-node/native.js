'use strict';
// The one place that knows where the addon lies.
module.exports = require('./sluicegate.node');
