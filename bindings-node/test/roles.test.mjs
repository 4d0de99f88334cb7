// Client and upstream are values: what the older names give, and what only a pair can be asked.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ChatTranscoder, Collector, Profile, ResponsesRelay, ResponsesTranscoder, Transcoder, TranscoderStream, chatToResponses,
  collect, convertRequest, normalizeRequest, responsesToChat, transcode,
} from 'sluicegate';
import { wrapFetch } from 'sluicegate/fetch';
import { cases, json } from './cases.mjs';

const OF_CHAT_CLIENTS = [
  ...['include_usage', 'custom_tools', 'images', 'partial_images', 'commentary', 'message_separator', 'reasoning_details'],
  ...['hosted_calls', 'include_role_chunk', 'usage_in_finish'],
];
const OLDER = [
  ['chat', ChatTranscoder, { client: 'chat', upstream: 'responses' }],
  ['chat', ResponsesRelay, { client: 'responses', upstream: 'responses' }],
  ['respond', ResponsesTranscoder, { client: 'responses', upstream: 'chat' }],
];

function readBy(transcoder, body) {
  const out = Buffer.concat([transcoder.feed(body), transcoder.finish()]).toString('latin1');
  const { outcomeJson, hasOutput, committed } = transcoder;
  return { out, outcomeJson, hasOutput, committed, response: transcoder.response()?.toString('latin1') };
}

function without(options, names) {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}

function inputs(kind) {
  const found = cases(kind).filter(({ file }) => file('input.sse') !== null);
  assert.ok(found.length > 0);
  return found.map(({ name, file }) => ({ name, file, body: file('input.sse'), options: json(file('options.json')) ?? {} }));
}

for (const [kind, Older, roles] of OLDER) {
  test(`${Older.name} is a pair`, async () => {
    for (const { name, body, options } of inputs(kind)) {
      const seen = readBy(new Older(options), body);
      const own = Older === ResponsesRelay ? without(options, OF_CHAT_CLIENTS) : options;
      assert.deepEqual(readBy(new Transcoder({ ...roles, ...own }), body), seen, name);
    }
  });
}

test('a collector of a chat stream gives either body', () => {
  for (const { name, file, body, options } of inputs('respond')) {
    const collector = new Collector({ upstream: 'chat', ...options });
    assert.deepEqual([collector.finalResponse(), collector.finalCompletion()], [null, null]);
    assert.equal(collector.feed(body), undefined);
    assert.equal(collector.finish(), undefined);
    assert.equal(`${collector.finalResponse()}\n`, file('response.json').toString(), name);
    assert.equal(`${collector.outcomeJson}\n`, file('outcome.json').toString(), name);
    const hasFailed = json(file('response.json')).status === 'failed';
    assert.equal('error' in JSON.parse(collector.finalCompletion()), hasFailed, name);
  }
});

test('a source is read by role', async () => {
  const [{ body, file }] = inputs('respond').filter(({ name }) => name === 'tour');
  const roles = { client: 'responses', upstream: 'chat' };
  const source = () => new Blob([body]).stream();
  const out = Buffer.concat(await all(transcode(source(), roles)));
  assert.equal(out.toString(), file('output.sse').toString());
  const stream = new TranscoderStream(roles);
  assert.deepEqual(Buffer.concat(await all(source().pipeThrough(stream))), out);
  assert.ok(stream.transcoder.hasOutput);
  const { response } = await collect(source(), { upstream: 'chat' });
  assert.equal(`${response}\n`, file('response.json').toString());
});

async function all(source) {
  const chunks = [];
  for await (const chunk of source) chunks.push(chunk);
  return chunks;
}

describe('an error names', () => {
  const given = [
    [{ client: 'chat', upstream: 'pigeon' }, 'upstream'],
    [{ client: 'nobody', upstream: 'chat' }, 'client'],
    [{ client: 'responses', upstream: 'responses', includeUsage: true }, 'include_usage'],
    [{ client: 'chat', upstream: 'responses', thinkTags: true }, 'think_tags'],
    [{ client: 'chat', upstream: 'chat', framing: 'sse' }, 'framing'],
  ];
  for (const [options, path] of given) {
    test(path, () => assert.throws(() => new Transcoder(options), { code: 'invalid_option', path }));
  }
  test('no roles', () => {
    assert.throws(() => new Transcoder(), TypeError);
    assert.throws(() => new Transcoder({ client: 'chat' }), TypeError);
    assert.throws(() => new Collector({}), TypeError);
    assert.throws(() => convertRequest('{}', {}), TypeError);
  });
});

test('requests are converted by role', () => {
  const chat = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
  const responses = { model: 'm', input: 'Hi' };
  assert.deepEqual(convertRequest(chat, { upstream: 'responses' }), chatToResponses(chat));
  assert.deepEqual(convertRequest(responses, { upstream: 'responses' }), normalizeRequest(responses));
  assert.deepEqual(convertRequest(responses, { client: 'auto', upstream: 'chat' }), responsesToChat(responses));
  assert.deepEqual(JSON.parse(convertRequest(chat, { client: 'chat', upstream: 'chat' }).body), chat);
  const openai = { client: 'chat', upstream: 'responses', profile: 'openai', strict: true };
  assert.equal(convertRequest(chat, openai).context.dialect, 'chat');
  assert.deepEqual(Profile.ofUpstream('chat').json, new Profile('chat').json);
  assert.throws(() => convertRequest(chat, { client: 'pigeon', upstream: 'chat' }), { path: 'client' });
});

describe('a wrapped fetch', () => {
  const chat = cases('respond').find(({ name }) => name === 'tour').file('input.sse');
  const ask = async (fetch, stream) => {
    const body = JSON.stringify({ model: 'm', input: 'Hi', stream });
    const text = await (await fetch('http://test/v1/responses', { method: 'POST', body })).text();
    const last = JSON.parse(stream ? text.split('data: ').at(-1) : text);
    return (last.response ?? last).id;
  };

  test('gives each answer of a chat server an id of its own', async () => {
    const upstream = async () => new Response(chat);
    const fetch = wrapFetch(upstream, { upstream: 'chat' });
    const ids = new Set([await ask(fetch, true), await ask(fetch, true), await ask(fetch, false)]);
    assert.equal(ids.size, 3);
    for (const id of ids) assert.match(id, /^resp_[0-9a-f]{32}$/);
    assert.equal(await ask(wrapFetch(upstream, { upstream: 'chat', id: 'resp_mine' }), true), 'resp_mine');
  });

  test('takes the options of all its clients, and no others', () => {
    wrapFetch(fetch, { upstream: 'responses', includeUsage: true, doneSentinel: true });
    for (const [wrong, path] of [[{ thinkTags: true }, 'think_tags'], [{ nonsense: 1 }, 'nonsense']]) {
      assert.throws(() => wrapFetch(fetch, { upstream: 'responses', ...wrong }), { code: 'invalid_option', path });
    }
    assert.throws(() => wrapFetch(fetch, { upstream: 'pigeon' }), { code: 'invalid_option', path: 'upstream' });
    assert.throws(() => wrapFetch(fetch), TypeError);
  });
});
