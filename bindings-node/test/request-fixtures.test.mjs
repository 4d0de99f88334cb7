// Every fixture of a request or a failure, in every form that JavaScript has it: the same as in the other languages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  Profile, SluicegateError, chatToResponses, convertMessages, convertRequest, convertToolChoice, convertTools, convertUsage,
  countTokens, errorEnvelope, isProbe, normalizeRequest, responsesToChat,
} from 'sluicegate';
import { cases, json, lines } from './cases.mjs';

const requests = cases('request');
const toChat = cases('to_chat');
const messages = { from_messages: cases('from_messages'), to_messages: cases('to_messages') };
const failures = cases('envelope');
const counted = cases('count_tokens');

test('there are fixtures', () => {
  assert.ok(requests.length > 0, 'no case in fixtures/request');
  assert.ok(toChat.length > 0, 'no case in fixtures/to_chat');
  for (const [kind, own] of Object.entries(messages)) assert.ok(own.length > 0, `no case in fixtures/${kind}`);
  assert.ok(failures.length > 0, 'no case in fixtures/envelope');
  assert.ok(counted.length > 0, 'no case in fixtures/count_tokens');
});

/** The same document as bytes, as text and as an object, where those can be the same. */
function forms(document) {
  const text = document.toString();
  return Buffer.from(text).equals(document) ? [document, text, ...objects(text)] : [document];
}

/** What is written as it was read, but for a line end. */
function objects(text) {
  try {
    const parsed = JSON.parse(text);
    return JSON.stringify(parsed) === text.replace(/\n$/, '') && Object(parsed) === parsed ? [parsed] : [];
  } catch {
    return [];
  }
}

const VERBS = { responses: normalizeRequest, chat: chatToResponses };
const TO_CHAT = { responses: responsesToChat };

/** The files of a case, as they come out. */
function reported(verb, body) {
  try {
    const { body: sent, changes, context } = verb(body);
    return {
      'body.json': trimmed(sent),
      'changes.jsonl': changes.map(line).join(''),
      'context.json': line(context),
    };
  } catch (error) {
    if (!(error instanceof SluicegateError)) throw error;
    const { code, path, offset, message, envelope, status } = error;
    assert.equal(status, 400);
    return { 'rejected.json': line({ error: { code, path, offset, message } }), 'envelope.json': line(envelope) };
  }
}

/** What is written of an object ends without the line end of a file. */
function trimmed(body) {
  return body.toString('latin1').replace(/\n$/, '');
}

function line(value) {
  return `${JSON.stringify(value)}\n`;
}

function replay(kind, { name, file }, verbs, standard) {
  test(`${kind}/${name}`, () => {
    const { from = 'responses', profile = standard, options } = json(file('options.json')) ?? {};
    const verb = (body) => verbs[from](body, profile, options);
    const names = ['body.json', 'changes.jsonl', 'context.json', 'rejected.json', 'envelope.json'];
    const files = names.filter((name) => file(name) !== null).map((name) => [name, file(name).toString()]);
    if (file('body.json') !== null) files[0] = ['body.json', trimmed(file('body.json'))];
    const expected = Object.fromEntries(files);
    for (const body of forms(file('request.json'))) assert.deepEqual(reported(verb, body), expected);
    assert.deepEqual(reported((body) => verbs[from](body, new Profile(profile), options), file('request.json')), expected);
    if (file('body.json') === null) return;
    const { body } = verb(file('request.json'));
    assert.deepEqual(body, file('body.json'));
    for (const again of Object.values(verbs)) {
      const { body: settled, changes } = again(body, profile, options);
      assert.deepEqual([settled, changes], [body, []]);
    }
  });
}

/** From a Messages client, or to a Messages upstream. */
function replayMessages(kind, { name, file }) {
  test(`${kind}/${name}`, () => {
    const isFrom = kind === 'from_messages';
    const { client = isFrom ? 'messages' : 'responses', upstream = isFrom ? 'responses' : 'messages', profile, options } =
      json(file('options.json')) ?? {};
    const verb = (body) => convertRequest(body, { ...options, client, upstream, profile });
    const names = ['body.json', 'changes.jsonl', 'context.json', 'rejected.json', 'envelope.json'];
    const files = names.filter((name) => file(name) !== null).map((name) => [name, file(name).toString()]);
    if (file('body.json') !== null) files[0] = ['body.json', trimmed(file('body.json'))];
    const expected = Object.fromEntries(files);
    for (const body of forms(file('request.json'))) assert.deepEqual(reported(verb, body), expected);
    if (file('body.json') === null) return;
    const { body } = verb(file('request.json'));
    assert.deepEqual(body, file('body.json'));
    const { body: settled, changes } = convertRequest(body, { ...options, client: upstream, upstream, profile });
    assert.deepEqual([settled, changes], [body, []]);
  });
}

for (const [kind, own] of Object.entries(messages)) for (const request of own) replayMessages(kind, request);
for (const request of requests) replay('request', request, VERBS, 'codex');
for (const request of toChat) replay('to_chat', request, TO_CHAT, 'chat');

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

for (const { name, file } of counted) {
  test(`count_tokens/${name}`, () => {
    for (const body of forms(file('request.json'))) {
      const isRejected = ({ status, envelope }) => status === 400 && line(envelope) === file('envelope.json')?.toString();
      if (file('expected.json') === null) assert.throws(() => countTokens(body), isRejected);
      else assert.equal(line({ input_tokens: countTokens(body) }), file('expected.json').toString());
    }
  });
}

const CONVERTERS = { tools: convertTools, tool_choice: convertToolChoice, messages: convertMessages };

for (const text of lines(readFileSync(new URL('../../fixtures/parts/cases.jsonl', import.meta.url)))) {
  const { name, part, value, becomes, changes, context, rejected, ...options } = JSON.parse(text);
  test(`parts: ${name}`, () => {
    if (part === 'usage') return assert.deepEqual(convertUsage(value, options.client, options.upstream), becomes);
    const convert = () => CONVERTERS[part](value, options);
    if (rejected === undefined) return assert.deepEqual(convert(), { value: becomes, changes, context });
    const { code, path, offset } = rejected.error;
    assert.throws(convert, (error) => error.code === code && error.path === path && error.offset === offset);
  });
}

test('probes', () => {
  for (const text of lines(readFileSync(new URL('../../fixtures/probe/cases.jsonl', import.meta.url)))) {
    const { name, body, is_probe: expected } = JSON.parse(text);
    for (const form of forms(Buffer.from(body))) assert.equal(isProbe(form), expected, name);
  }
});
