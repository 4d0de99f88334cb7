// fixtures/request, to_chat, from_messages, to_messages: requests, from whom they come and for whom they are.
import assert from 'node:assert/strict';
import { Profile, SluicegateError, chatToResponses, convertRequest, normalizeRequest, responsesToChat } from 'sluicegate';
import { json, line, replays } from '../cases.mjs';
import { forms } from './forms.mjs';

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

const NAMES = ['body.json', 'changes.jsonl', 'context.json', 'rejected.json', 'envelope.json'];

function golden(file) {
  const files = NAMES.filter((name) => file(name) !== null).map((name) => [name, file(name).toString()]);
  if (file('body.json') !== null) files[0] = ['body.json', trimmed(file('body.json'))];
  return Object.fromEntries(files);
}

/** Of these verbs, by where the request came in. */
const normalized = (verbs, standard) => (file) => {
  const { from = 'responses', profile = standard, options } = json(file('options.json')) ?? {};
  const verb = (body) => verbs[from](body, profile, options);
  const expected = golden(file);
  for (const body of forms(file('request.json'))) assert.deepEqual(reported(verb, body), expected);
  assert.deepEqual(reported((body) => verbs[from](body, new Profile(profile), options), file('request.json')), expected);
  if (file('body.json') === null) return;
  const { body } = verb(file('request.json'));
  assert.deepEqual(body, file('body.json'));
  for (const again of Object.values(verbs)) {
    const { body: settled, changes } = again(body, profile, options);
    assert.deepEqual([settled, changes], [body, []]);
  }
};

/** From a client to an upstream, if the case names no others. */
const converted = (from, to) => (file) => {
  const { client = from, upstream = to, profile, options } = json(file('options.json')) ?? {};
  const verb = (body) => convertRequest(body, { ...options, client, upstream, profile });
  const expected = golden(file);
  for (const body of forms(file('request.json'))) assert.deepEqual(reported(verb, body), expected);
  if (file('body.json') === null) return;
  const { body } = verb(file('request.json'));
  assert.deepEqual(body, file('body.json'));
  const { body: settled, changes } = convertRequest(body, { ...options, client: upstream, upstream, profile });
  assert.deepEqual([settled, changes], [body, []]);
};

export const request = replays('request', normalized({ responses: normalizeRequest, chat: chatToResponses }, 'codex'));
export const toChat = replays('to_chat', normalized({ responses: responsesToChat }, 'chat'));
export const fromMessages = replays('from_messages', converted('messages', 'responses'));
export const toMessages = replays('to_messages', converted('responses', 'messages'));
