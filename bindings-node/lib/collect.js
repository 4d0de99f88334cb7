'use strict';
// One JSON object from a whole stream.
// Input: a source of upstream chunks. Output: one Response and one chat completion. State: one collector.

const { isObject } = require('./arguments.js');
const { Reading } = require('./page.js');
const { Collector } = require('./transcoders.js');
const { Source } = require('./source.js');

async function collect(source, options = {}) {
  if (!isObject(options)) throw new TypeError('options must be an object');
  const collector = new Collector({ upstream: 'responses', ...options });
  const [input, reading] = [new Source(source), new Reading(collector)];
  try {
    for await (const chunk of input) {
      reading.feed(chunk);
      if (reading.isOver) break;
    }
  } finally {
    await input.close();
  }
  collector.finish();
  const error = input.failure === null ? null : input.failure.error;
  const [response, completion] = [collector.finalResponse(), collector.finalCompletion()];
  return { response, completion, outcome: collector.outcome, error };
}

module.exports = { collect };
