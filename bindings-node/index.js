'use strict';
// The package's entry: each module's names, all public. Node finds them for `import`, too, as long as this stays one
// literal of plain spreads.

module.exports = {
  ...require('./lib/bodies.js'),
  ...require('./lib/catalog.js'),
  ...require('./lib/collect.js'),
  ...require('./lib/conversation.js'),
  ...require('./lib/error.js'),
  ...require('./lib/failures.js'),
  ...require('./lib/images-stream.js'),
  ...require('./lib/images.js'),
  ...require('./lib/older.js'),
  ...require('./lib/redis.js'),
  ...require('./lib/request.js'),
  ...require('./lib/stream.js'),
  ...require('./lib/transcoders.js'),
  ...require('./lib/websocket.js'),
};
