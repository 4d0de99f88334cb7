// fixtures/profile, sdk: profiles that are wrong; every item and part of a request that the official client knows.
import assert from 'node:assert/strict';
import { Profile, SluicegateError, chatToResponses, normalizeRequest } from 'sluicegate';
import { json, read, rows } from '../cases.mjs';

export const profile = rows('profile/cases.jsonl', ({ profile: given, path, message }) => {
  const expected = { code: 'invalid_option', path, message, offset: null, envelope: null, status: null };
  const isExpected = (error) => {
    assert.ok(error instanceof SluicegateError, `${error}`);
    for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value);
    return true;
  };
  assert.throws(() => new Profile(given), isExpected);
  assert.throws(() => normalizeRequest({ model: 'm', input: 'Hi' }, given), isExpected);
});

/** Values that no rule is about; any other member is a text. */
const SAMPLES = {
  id: null,
  role: 'user',
  arguments: '{}',
  image_url: 'https://e.test/a.png',
  tools: [],
  summary: [],
  annotations: [],
  logprobs: [],
};

function sample(type, members) {
  const own = { ...SAMPLES, type, ...(type === 'reasoning' && { content: [] }) };
  return Object.fromEntries(members.map((name) => [name, name in own ? own[name] : 'x']));
}

/** As an item of its own; in a message; in the output of a call. */
function* asked(group, type, members) {
  const given = sample(type, members);
  if (group === 'items') return yield [given];
  const role = ['output_text', 'refusal'].includes(type) ? 'assistant' : 'user';
  yield [{ type: 'message', role, content: [given] }];
  if (role === 'assistant') return undefined;
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  return yield [call, { type: 'function_call_output', call_id: 'c', output: [given] }];
}

function isKnown(group, type, members) {
  for (const input of asked(group, type, members)) {
    for (const request of [normalizeRequest({ model: 'm', input }, 'openai'), chatToResponses({ model: 'm', messages: input }, 'openai')]) {
      assert.deepEqual(request.context.unknown_fields, []);
    }
  }
}

export const sdk = Object.entries(json(read('sdk/input_types.json'))).flatMap(([group, kinds]) =>
  Object.entries(kinds).map(([type, members]) => ({ name: `sdk: ${group} ${type}`, run: () => isKnown(group, type, members) })),
);
