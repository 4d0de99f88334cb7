// The official client of Responses, through our fetch, on a server that only speaks chat: it ends with what a plain fold
// of the chat stream ends with.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import { Continuation, MemoryStore, SluicegateError, lint } from 'sluicegate';
import { responsesOverChat } from 'sluicegate/fetch';
import { cases } from './cases.mjs';
import { FETCHES, gathered, lingering, listen, mocked, plainClient, recorded, soon } from './drop-in.mjs';
import { CHUNK, FINISH, text, upstream } from './streams.mjs';

const INPUT = { model: 'any', input: 'Hi' };
const SSE = { 'content-type': 'text/event-stream' };
const clientOn = (url, fetch, options) => plainClient(url, responsesOverChat(fetch, options));

/** What a chat stream contains, piece by piece; an error or a missing end is `failed`. */
function folded(body) {
  const seenText = { text: '', refusal: '', calls: [], total: null, status: 'failed' };
  for (const [, data] of body.matchAll(/^data: (\{[^\n]*)$/gm)) {
    const { choices: [choice] = [], usage, error } = JSON.parse(data);
    seenText.total = usage?.total_tokens ?? seenText.total;
    if (error !== undefined) return { status: 'failed' };
    const { content, refusal, tool_calls: pieces = [] } = choice?.delta ?? {};
    seenText.text += content ?? '';
    seenText.refusal += refusal ?? '';
    for (const { index, function: own, custom } of pieces) {
      const call = (seenText.calls[index] ??= { name: '', given: '' });
      call.name += own?.name ?? custom?.name ?? '';
      call.given += own?.arguments ?? custom?.input ?? '';
    }
    seenText.status = STATUS[choice?.finish_reason] ?? seenText.status;
  }
  return seenText.status === 'failed' ? { status: 'failed' } : seenText;
}

const STATUS = { stop: 'completed', tool_calls: 'completed', length: 'incomplete', content_filter: 'incomplete' };

/** The same of a Response. */
function summary({ output, usage, status }) {
  if (status === 'failed') return { status };
  const parts = output.flatMap(({ content }) => content ?? []);
  const joined = (type, member) => parts.filter((part) => part.type === type).map((part) => part[member]).join('');
  return {
    text: joined('output_text', 'text'),
    refusal: joined('refusal', 'refusal'),
    calls: output
      .filter(({ type }) => /^(function|custom_tool)_call$/.test(type))
      .map(({ name, arguments: given, input }) => ({ name, given: given ?? input })),
    total: usage?.total_tokens ?? null,
    status,
  };
}

/** What the client ends with; a status is a failure too. */
const READERS = {
  stream: async (client, asked) => {
    const events = await gathered(client.responses.create({ ...asked, stream: true }));
    return summary(events.at(-1).response);
  },
  helper: async (client, asked) => summary(await client.responses.stream(asked).finalResponse()),
  whole: async (client, asked) => summary(await client.responses.create(asked)),
};

/** Chat streams that are well formed: those that this library writes, where the completion has nothing that was taken back. */
const scripts = new Map(
  cases('chat').filter(({ file }) => !text(file('outcome.json')).includes('"inconsistent_')).map(({ name, file }) => [name, { sse: text(file('output.sse')), page: file('completion.json') }]),
);

describe('a stream and a completion', () => {
  let [base, close] = [];
  before(async () => (base = await listen({ after: (closes) => (close = closes) }, scripted)));
  after(() => close());
  assert.ok(scripts.size > 100);
  for (const [name, { sse }] of scripts) {
    test(name, async () => {
      const expected = folded(sse);
      for (const [reader, read] of Object.entries(READERS)) {
        const got = await read(clientOn(base, fetch), { ...INPUT, model: name }).catch((error) => {
          assert.ok(error instanceof OpenAI.APIError, `${error.stack}`);
          return { status: 'failed' };
        });
        // A completion has its usage whether it was asked for or not.
        if (reader === 'whole' && 'total' in got) got.total = expected.total;
        assert.deepEqual(got, expected, reader);
      }
    });
  }
});

/** A server that speaks only chat: the script that the model names, as a stream or as a page. */
function scripted({ url }, response, body) {
  const { model, stream = false, stream_options: options } = JSON.parse(body);
  const { sse, page } = scripts.get(model);
  const isOurs = url === '/v1/chat/completions' && (options?.include_usage ?? false) === stream;
  response.writeHead(isOurs ? 200 : 404, stream ? SSE : { 'content-type': 'application/json' });
  response.end(stream ? sse : page);
}

const CALLS = [
  { id: 'chatcmpl-1', choices: [{ delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{}' } }] } }] },
  { choices: [{ delta: { tool_calls: [{ index: 1, id: 'b', function: { name: 'patch', arguments: '{"input":"x\\ny"}' } }] } }] },
  { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
  { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } },
].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
const TOOLS = [{ type: 'function', name: 'look', parameters: { type: 'object' } }, { type: 'custom', name: 'patch' }];

for (const fetch of FETCHES) {
  describe(`over ${fetch.name}`, () => {
    test('calls come back as the tools were declared, and their outputs go to the server', async (t) => {
      const asked = [];
      const base = await listen(t, (_, response, body) => {
        asked.push(JSON.parse(body));
        response.writeHead(200, SSE).end(asked.length === 1 ? `${CALLS.join('')}data: [DONE]\n\n` : CHUNK + FINISH);
      });
      const client = clientOn(base, fetch);
      const first = await client.responses.stream({ ...INPUT, tools: TOOLS }).finalResponse();
      const [look, patch] = first.output;
      assert.deepEqual([look.type, look.arguments, look.call_id], ['function_call', '{}', 'a']);
      assert.deepEqual([patch.type, patch.input, patch.call_id], ['custom_tool_call', 'x\ny', 'b']);
      assert.equal(first.usage.total_tokens, 7);
      const outputs = [
        { type: 'function_call_output', call_id: 'a', output: '1' },
        { type: 'custom_tool_call_output', call_id: 'b', output: '2' },
      ];
      const input = [{ role: 'user', content: 'Hi' }, look, patch, ...outputs];
      // It was not asked for a stream, and sends one.
      assert.equal((await client.responses.create({ ...INPUT, input, tools: TOOLS })).output_text, 'Hello');
      assert.deepEqual(asked[1].messages.map(({ role }) => role), ['user', 'assistant', 'tool', 'tool']);
    });

    test('a whole completion to a client that wants a stream', async (t) => {
      const message = { role: 'assistant', content: 'Hello' };
      const page = { id: 'chatcmpl-1', object: 'chat.completion', choices: [{ message, finish_reason: 'stop' }] };
      const base = await listen(t, (_, response) => response.end(JSON.stringify(page)));
      const events = await gathered(clientOn(base, fetch).responses.create({ ...INPUT, stream: true }));
      assert.equal(events.at(-1).response.output[0].content[0].text, 'Hello');
      assert.ok(events.some(({ type }) => type === 'response.output_text.delta'));
    });

    test('failures before the first byte are a status, later ones in the stream', async (t) => {
      const error = 'data: {"error":{"message":"busy","code":"server_is_overloaded"}}\n\n';
      const answers = {
        429: [429, '{"error":{"message":"Slow down.","code":"rate_limit_exceeded"}}'],
        503: [200, error],
        502: [200, '<html>Oops</html>'],
        late: [200, CHUNK + error],
        cut: [200, CHUNK],
      };
      const base = await listen(t, (_, response, body) => {
        const [status, seenText] = answers[JSON.parse(body).model];
        response.writeHead(status, seenText.startsWith('data') ? SSE : {}).end(seenText);
      });
      const outcomes = [];
      const client = clientOn(base, fetch, { onOutcome: ({ status }) => outcomes.push(status) });
      for (const [model, stream] of Object.keys(answers).flatMap((model) => [[model, false], [model, true]])) {
        const answered = client.responses.create({ ...INPUT, model, stream });
        if (stream && !Number(model)) {
          const events = await gathered(answered);
          assert.equal(events.at(-1).type, 'response.failed');
          assert.equal(events.at(-1).response.output[0].content[0].text, 'Hello');
        } else {
          const failed = await answered.then(() => assert.fail(model), (failure) => failure);
          assert.equal(failed.status, Number(model) || (model === 'cut' ? 502 : 503), `${model}: ${failed}`);
        }
      }
      assert.deepEqual(new Set(outcomes.slice(-4)), new Set(['failed', 'truncated']));
    });

    test('a client that leaves, or aborts before the first byte', async (t) => {
      const { url, left } = await lingering(t, [CHUNK]);
      for await (const { type } of await clientOn(url, fetch).responses.create({ ...INPUT, stream: true })) {
        if (type === 'response.output_text.delta') break;
      }
      await soon(left, 'leaving');
      const silent = await lingering(t, []);
      const controller = new AbortController();
      const { signal } = controller;
      const answered = clientOn(silent.url, fetch).responses.create({ ...INPUT, stream: true }, { signal });
      await silent.asked;
      controller.abort();
      await assert.rejects(answered, OpenAI.APIUserAbortError);
      await soon(silent.left, 'aborting');
    });
  });
}

test('previous_response_id', async () => {
  const inner = recorded(async () => new Response(CHUNK + FINISH));
  const options = { continuation: new Continuation('tenant', { recordUnstored: true }), store: new MemoryStore() };
  const client = clientOn('http://test/v1', inner, options);
  const { id } = await client.responses.stream(INPUT).finalResponse();
  const next = await client.responses.create({ ...INPUT, previous_response_id: id });
  assert.equal(next.previous_response_id, id);
  assert.deepEqual(inner.sent[1].body.messages.map(({ content }) => content), ['Hi', 'Hello', 'Hi']);
  await assert.rejects(client.responses.create({ ...INPUT, previous_response_id: 'resp_unknown' }), /resp_unknown/);
});

test('what is sent on is clean, and a request that must not be sent is rejected', async () => {
  const { stream } = upstream([CHUNK.slice(0, 30), CHUNK.slice(30), FINISH]);
  const send = responsesOverChat(mocked(stream));
  const post = (body) => send('http://test/v1/responses', { method: 'POST', body: JSON.stringify(body) });
  assert.deepEqual(lint(await (await post({ ...INPUT, stream: true })).text(), 'codex_cli'), []);
  assert.equal((await post({ ...INPUT, conversation: 'conv_1' })).status, 400);
});

test('chat and all else pass through untouched', async () => {
  const answer = new Response('{}');
  const calls = [];
  const send = responsesOverChat(async (...given) => {
    calls.push(given);
    return answer;
  });
  const init = { method: 'POST', body: '{ }' };
  for (const path of ['chat/completions', 'models']) {
    assert.equal(await send(`http://test/v1/${path}`, init), answer);
    assert.ok(calls.at(-1)[1] === init);
  }
});

test('wrong options throw when it is made', () => {
  for (const wrong of [{ includeUsage: true }, { profile: 'none' }]) {
    assert.throws(() => responsesOverChat(fetch, wrong), SluicegateError);
  }
  for (const wrong of [{ frames: true }, { context: {} }, { onOutcome: 1 }, { profile: 'codex' }, null]) {
    assert.throws(() => responsesOverChat(fetch, wrong), TypeError);
  }
  assert.throws(() => responsesOverChat(), TypeError);
});
