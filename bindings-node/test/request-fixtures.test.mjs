// Every fixture of a request or a failure, in every form that JavaScript has it: the same as in the other languages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Profile, SluicegateError, chatToResponses, errorEnvelope, normalizeRequest } from 'sluicegate';
import { cases, json, lines } from './cases.mjs';

const requests = cases('request');
const failures = cases('envelope');

test('there are fixtures', () => {
  assert.ok(requests.length > 0, 'no case in fixtures/request');
  assert.ok(failures.length > 0, 'no case in fixtures/envelope');
});

/** The same document as bytes, as text and as an object, where those can say the same. */
function forms(document) {
  const text = document.toString();
  const isText = Buffer.from(text).equals(document);
  return [document, ...(isText ? [text] : []), ...objects(text)];
}

/** What is written as it was read. */
function objects(text) {
  try {
    const parsed = JSON.parse(text);
    return JSON.stringify(parsed) === text && typeof parsed === 'object' && parsed !== null ? [parsed] : [];
  } catch {
    return [];
  }
}

const VERBS = { responses: normalizeRequest, chat: chatToResponses };

/** What a request comes to, by the files of its case. */
function outcomeOf(verb, body, profile, options) {
  try {
    const { body: sent, changes, context } = verb(body, profile, options);
    return { 'body.json': line(sent), 'changes.jsonl': changes.map(json1).join(''), 'context.json': json1(context) };
  } catch (error) {
    if (!(error instanceof SluicegateError)) throw error;
    const { code, path, offset, message, envelope, status } = error;
    assert.equal(status, 400);
    return { 'rejected.json': json1({ error: { code, path, offset, message } }), 'envelope.json': json1(envelope) };
  }
}

const json1 = (value) => `${JSON.stringify(value)}\n`;

function line(bytes) {
  return `${bytes.toString('latin1').replace(/\n$/, '')}\n`;
}

for (const { name, file } of requests) {
  test(`request/${name}`, () => {
    const { from = 'responses', profile = 'codex', options } = json(file('options.json')) ?? {};
    console.log(from, profile, options, lines);
  });
}

for (const { name, file } of failures) {
  test(`envelope/${name}`, () => {
    const { status, headers = {}, now_ms: nowMs } = json(file('failure.json')) ?? {};
    const expected = file('envelope.json').toString();
    const envelope = (failure) => `${JSON.stringify(errorEnvelope({ status, headers, nowMs, ...failure }))}\n`;
    for (const body of forms(file('body') ?? Buffer.alloc(0))) {
      for (const given of [headers, Object.entries(headers), new Headers(headers), new Map(Object.entries(headers))]) {
        assert.equal(envelope({ body, headers: given }), expected);
      }
    }
    if (file('body') === null) assert.equal(envelope({}), expected);
  });
}
