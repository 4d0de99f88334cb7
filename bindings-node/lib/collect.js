'use strict';
// One JSON object from a whole stream.
// Input: a source of upstream chunks. Output: one Response and one chat completion. State: one collector.

const { ResponseCollector } = require('./transcoders.js');
const { Source } = require('./source.js');

async function collect(source, options) {
  const collector = new ResponseCollector(options);
  const input = new Source(source);
  try {
    for await (const chunk of input) collector.feed(chunk);
  } finally {
    await input.close();
  }
  const response = collector.finish();
  const error = input.failure === null ? null : input.failure.error;
  return { response, completion: collector.chatCompletion(), outcome: collector.outcome, error };
}

module.exports = { collect };
