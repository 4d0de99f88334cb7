// fixtures/document, known, lint: a finished body, what is known of a stream while it comes, what a linter finds.
import assert from 'node:assert/strict';
import { Collector, Transcoder, lint as linted } from 'sluicegate';
import { json, latin1, lines, replays } from '../cases.mjs';

/** The object of a body, or null. */
function parsed(body) {
  try {
    const value = JSON.parse(body.toString());
    return Array.isArray(value) ? null : value;
  } catch {
    return null;
  }
}

export const document = replays('document', (file) => {
  const { upstream = 'responses', status, options = {} } = json(file('options.json')) ?? {};
  const body = file('body');
  for (const client of ['chat', 'responses', 'messages']) {
    const transcoder = new Transcoder({ ...options, client, upstream });
    const out = [transcoder.feedDocument(body, { status }), transcoder.finish()];
    assert.equal(latin1(Buffer.concat(out)), latin1(file(`${client}.sse`)), client);
  }
  const names = ['outcome.json', 'response.json', 'completion.json', 'message.json'];
  const expected = names.map((name) => file(name).toString().replace(/\n$/, ''));
  const read = (form) => {
    const collector = new Collector({ ...options, upstream });
    assert.equal(collector.feedDocument(form, { status }), undefined);
    collector.finish();
    const bodies = [collector.finalResponse(), collector.finalCompletion(), collector.finalMessage()];
    return [collector.outcomeJson, ...bodies.map(String)];
  };
  for (const form of [body, Uint8Array.from(body), body.toString()]) assert.deepEqual(read(form), expected);
  const object = parsed(body);
  if (object !== null) assert.deepEqual(read(object).map((text) => JSON.parse(text)), expected.map((text) => JSON.parse(text)));
});

export const known = replays('known', (file) => {
  const { client = 'chat', upstream = 'responses', options = {} } = json(file('options.json')) ?? {};
  const transcoder = new Transcoder({ ...options, client, upstream });
  const collector = new Collector({ ...options, upstream });
  const told = ({ responseId, usage, failure }) => ({ response_id: responseId, usage, failure });
  const seen = [told(transcoder)];
  for (const frame of lines(file('frames.jsonl'))) {
    transcoder.feedEvent(frame);
    collector.feedEvent(frame);
    seen.push(told(transcoder));
    assert.deepEqual(collector.usage, transcoder.usage);
  }
  transcoder.finish();
  collector.finish();
  assert.deepEqual([...seen, told(transcoder)], lines(file('known.jsonl')).map((line) => JSON.parse(line)));
  for (const ended of [transcoder, collector]) {
    const { response_id, usage, failure } = ended.outcome;
    assert.deepEqual(told(ended), { response_id, usage, failure });
  }
});

export const lint = replays('lint', (file) => {
  const findings = linted(file('input.sse'), json(file('options.json')).profile);
  assert.equal(findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''), file('findings.jsonl').toString());
});
