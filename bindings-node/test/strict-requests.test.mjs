// Requests as clients really send them, to the strict backend over a real socket: refused as they are, taken when they
// are normalized, and answered under the client's own names.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  Profile,
  SluicegateError,
  chatSse,
  chatToResponses,
  collect,
  normalizeRequest,
  responsesSse,
} from 'sluicegate';
import { PNG } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';
import { ACCEPTED, FRAME, LEAST, LITE, extra, f, output, messageOf, user } from './strict-cases.mjs';
import { ask, connect, skip as skipsWebsocket } from './strict-client.mjs';
import { REFUSED } from './strict-refused.mjs';
import { check } from './strict-rules.mjs';
import { gather, iterable } from './streams.mjs';

let backend;
before(async () => (backend = await startStrictBackend()));
after(() => backend.close());

const profile = new Profile('codex');

function post(body) {
  const init = { method: 'POST', headers: profile.headers(), body };
  return fetch(`${backend.url}/backend-api/codex/responses`, init);
}

/** What a request is answered that is refused as it is. */
async function repaired(given, verb = normalizeRequest, rules = profile) {
  const refused = await post(JSON.stringify(given));
  assert.ok(refused.status >= 400, 'it is not refused as it is');
  await refused.body.cancel();
  return taken(verb(given, rules));
}

async function taken({ body, changes, context }) {
  const answer = await post(body);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const { response, completion, outcome } = await collect(iterable([text]), { context });
  assert.equal(outcome.status, 'completed');
  const read = (json) => JSON.parse(json.toString());
  return { sent: read(body), changes, context, text, response: read(response), completion: read(completion) };
}

const removed = ({ changes }) => changes.filter(({ action }) => action === 'removed').map(({ path }) => path).sort();

describe('the strict backend takes of', () => {
  test('OpenClaw a request with a limit of tokens', async () => {
    const got = await repaired({
      model: 'gpt-5.5', input: [user('Hi')], stream: true, store: false, max_output_tokens: 8192,
      reasoning: { effort: 'none' },
    });
    assert.deepEqual(removed(got), ['max_output_tokens']);
    assert.deepEqual(got.sent.reasoning, { effort: 'none' });
  });

  test('Droid a request with options of the API', async () => {
    const got = await repaired({
      model: 'gpt-5.5', instructions: 'You are Droid.', input: [user('Hi')], tools: [f], stream: true, store: false,
      stream_options: { include_usage: true }, prompt_cache_key: 'droid', prompt_cache_retention: '24h',
      safety_identifier: 'user_1', parallel_tool_calls: true, tool_choice: 'auto',
    });
    assert.deepEqual(removed(got), ['prompt_cache_retention', 'safety_identifier', 'stream_options']);
    assert.deepEqual([got.sent.prompt_cache_key, got.sent.instructions], ['droid', 'You are Droid.']);
    assert.equal(got.context.include_usage, true);
  });

  for (const [form, content] of [['text', (text) => text], ['parts', (text) => [{ type: 'input_text', text }]]]) {
    test(`any client system and developer messages as ${form}`, async () => {
      const bare = { role: 'system', content: content('One.') };
      const input = [bare, messageOf('developer', content('Two.')), user('Hi'), messageOf('system', content('Three.'))];
      const got = await repaired({ ...LEAST, input });
      assert.equal(got.sent.instructions, 'Be brief.\n\nOne.\n\nThree.');
      assert.deepEqual(got.sent.input, [input[1], input[2]]);
      const all = await repaired({ ...LEAST, input }, normalizeRequest, { extends: 'codex', system: 'hoist_all' });
      assert.equal(all.sent.instructions, 'Be brief.\n\nOne.\n\nTwo.\n\nThree.');
      const inPlace = await repaired({ ...LEAST, input }, normalizeRequest, { extends: 'codex', system: 'developer' });
      assert.deepEqual(inPlace.sent.input.map(({ role }) => role), ['developer', 'developer', 'user', 'developer']);
    });
  }

  for (const choice of [
    { type: 'image_generation' },
    'image_generation',
    { type: 'tool', name: 'image_generation' },
    { type: 'function', function: { name: 'image_generation' } },
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'image_generation' }] },
  ]) {
    test(`any client an image asked for with ${JSON.stringify(choice)}`, async () => {
      const tools = [{ type: 'image_generation', quality: 'low' }];
      const got = await repaired({ ...LEAST, input: 'An image', tools, tool_choice: choice });
      assert.deepEqual([got.sent.tools, got.sent.tool_choice], [tools, undefined]);
      assert.ok(removed(got).includes('tool_choice'));
      assert.equal(got.response.output[0].result, PNG);
    });
  }

  test('Codex Lite a system message beside its tools', async () => {
    await repaired({ ...LEAST, instructions: undefined, input: [extra, messageOf('system', 'Be brief.'), user('Hi')] });
  });

  test('Codex Lite its tools in the input', async () => {
    const lite = { ...LEAST, instructions: undefined, input: [extra, messageOf('developer', 'Be brief.'), user('Hi')] };
    const choice = { type: 'function', function: { name: 'f' } };
    const got = await repaired({ ...lite, tool_choice: choice, max_output_tokens: 5, store: undefined });
    assert.deepEqual([got.sent.input, got.sent.instructions], [lite.input, undefined]);
    assert.deepEqual(got.sent.tool_choice, { type: 'function', name: 'f' });
  });
});

describe('over WebSocket the strict backend takes', () => {
  const tools = [{ type: 'image_generation' }];
  const image = { ...FRAME, input: 'An image', tools, tool_choice: tools[0], previous_response_id: undefined };
  const frames = {
    'an image that was asked for': image,
    'a system message': { ...FRAME, input: [messageOf('system', 'x'), user('Hi')], temperature: 1 },
    'a Lite warm-up with a limit': { ...FRAME, ...LITE, generate: false, input: [], max_output_tokens: 1 },
  };
  const normalized = (frame) => normalizeRequest(frame, profile, { transport: 'websocket' });

  for (const [what, frame] of Object.entries(frames)) {
    test(what, () => {
      assert.notEqual(check(JSON.stringify(frame), { transport: 'websocket' }), null);
      const { body } = normalized(frame);
      assert.equal(check(body, { transport: 'websocket' }), null);
      assert.match(body.toString(), /^\{"type":"response\.create"/);
    });

    test(`${what}, from a real client`, { skip: skipsWebsocket }, async () => {
      const client = await connect(`${backend.url}/backend-api/codex/responses`);
      assert.equal((await ask(client, frame)).at(-1).type, 'error');
      const events = await ask(client, normalized(frame).body.toString());
      assert.equal(events.at(-1).type, 'response.completed');
      client.socket.close();
    });
  }

  test('what goes on from a response, which HTTP does not', () => {
    const tail = { ...FRAME, previous_response_id: 'resp_1', input: [output], metadata: {} };
    const { body } = normalized(tail);
    assert.equal(check(body, { transport: 'websocket' }), null);
    assert.equal(JSON.parse(body).previous_response_id, 'resp_1');
    assert.throws(() => normalizeRequest(tail, profile), { code: 'previous_response_not_found', status: 400 });
  });
});

describe('the strict backend takes a chat request', () => {
  const [first, second] = ['a', 'b'].map((letter) => 'p'.repeat(60) + letter.repeat(30));
  const long = `call_${'x'.repeat(70)}`;
  const tool = (name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } });
  const called = (id, name) => ({ id, type: 'function', function: { name, arguments: '{"q":1}' } });
  const chat = {
    model: 'gpt-5.5',
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.2,
    max_tokens: 100,
    tools: [tool(first), tool(second)],
    tool_choice: { type: 'function', function: { name: second } },
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, detail: 'low' } },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [called('call_1', first), called(long, second)] },
      { role: 'tool', tool_call_id: long, content: [{ type: 'text', text: 'two' }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'one' },
      { role: 'user', content: 'Now use a tool.' },
    ],
  };

  test('with its history', async () => {
    const { sent, context } = await repaired(chat, chatToResponses);
    assert.deepEqual([sent.instructions, context.dialect, context.include_usage], ['Be brief.', 'chat', true]);
    const history = ['function_call', 'function_call', 'function_call_output', 'function_call_output'];
    assert.deepEqual(sent.input.map(({ type }) => type), ['message', ...history, 'message']);
    const [{ content }, one, two, twos, ones] = sent.input;
    assert.deepEqual(content[1], { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'low' });
    assert.deepEqual([ones.call_id, twos.call_id], [one.call_id, two.call_id]);
    assert.deepEqual([one.call_id, context.call_ids], ['call_1', { [two.call_id]: long }]);
    assert.deepEqual([context.names[one.name], context.names[two.name]], [first, second]);
    assert.deepEqual(sent.tools.map(({ name }) => name), [one.name, two.name]);
    assert.deepEqual(sent.tool_choice, { type: 'function', name: two.name });
  });

  test('and answers under its names', async () => {
    const { text, context, response, completion } = await repaired(chat, chatToResponses);
    const shorts = Object.keys(context.names);
    assert.ok(shorts.length === 2 && shorts.every((short) => text.includes(short)));
    const names = [first, second];
    assert.deepEqual(response.output.map(({ name }) => name), names);
    assert.deepEqual(response.tools.map(({ name }) => name), names);
    assert.deepEqual(completion.choices[0].message.tool_calls.map((call) => call.function.name), names);
    const relayed = (await gather(responsesSse(iterable([text]), { context }))).out;
    const items = [...relayed.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json).item).filter(Boolean);
    assert.deepEqual(items.map(({ name }) => name), [first, first, second, second]);
    const { out } = await gather(chatSse(iterable([text]), { context }));
    const chunks = [...out.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json));
    const calls = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []));
    assert.deepEqual(calls.map((call) => call.function.name).filter(Boolean), names);
    assert.equal(chunks.at(-1).usage.total_tokens, 19);
    for (const got of [relayed, out]) for (const short of shorts) assert.ok(!got.includes(short), short);
  });

  test('on a route of Responses, as an object or as text', async () => {
    const { body } = chatToResponses(chat, profile);
    for (const given of [chat, JSON.stringify(chat)]) assert.deepEqual(normalizeRequest(given, profile).body, body);
    assert.deepEqual(chatToResponses(body, profile), { ...normalizeRequest(body, profile), changes: [] });
  });
});

describe('what the strict backend takes is left alone', () => {
  /** What is added is no more than the backend takes for granted. */
  const ADDED = ['include', 'instructions', 'stream', 'store'];

  for (const [what, request, transport] of ACCEPTED) {
    test(what, () => {
      const { body, changes } = normalizeRequest(request, profile, { transport });
      assert.equal(check(body, { transport }), null);
      assert.deepEqual(changes.filter(({ action, path }) => action !== 'added' || !ADDED.includes(path)), []);
    });
  }
});

/** Where there are recorded requests of the Codex CLI. */
const folder = `${process.env.SLUICEGATE_RECORDINGS}/requests`;
const skip = existsSync(folder) ? false : 'no requests in SLUICEGATE_RECORDINGS';

describe('the strict backend takes all of what the Codex CLI sends', { skip }, () => {
  for (const name of skip ? [] : readdirSync(folder)) {
    test(name, () => {
      const text = readFileSync(`${folder}/${name}`, 'utf8');
      const transport = JSON.parse(text).type === 'response.create' ? 'websocket' : 'http';
      const { body, changes, context } = normalizeRequest(text, profile, { transport });
      assert.equal(check(body, { transport }), null);
      // They were sent to a provider of another name, where the CLI leaves the instructions out.
      const lost = changes.filter(({ action, path }) => action !== 'added' && !path.endsWith('.name'));
      assert.deepEqual(lost, []);
      const restore = (got, [short, own]) => got.replaceAll(short, own);
      const restored = Object.entries(context.names).reduce(restore, body.toString());
      assert.ok(restored.startsWith(text.trimEnd().slice(0, -1)));
    });
  }
});

/** What only the backend or the catalog can know to be wrong. */
const UNKNOWABLE = ['a WebSocket model over HTTP', 'reasoning of another account', 'the same without id'];

/** What only the client can know: it is sent as it stands, and the client gets the backend's own message. */
const THE_CLIENTS = [
  'no model', 'a frame of no type', 'no input', 'empty input', 'no role', 'null content', 'no content',
  'blank reasoning', 'an output before its call',
];

describe('of what the strict backend refuses, the client gets its error:', () => {
  for (const [what, request, , transport = 'http'] of REFUSED.filter(([what]) => THE_CLIENTS.includes(what))) {
    test(what, () => {
      const { body } = normalizeRequest(request, profile, { transport });
      assert.equal(check(body, { transport }).status, 400);
    });
  }
});

const LEFT = [...UNKNOWABLE, ...THE_CLIENTS];

describe('of what the strict backend refuses, repaired or rejected is', () => {
  for (const [what, request, , transport = 'http'] of REFUSED.filter(([what]) => !LEFT.includes(what))) {
    test(what, () => {
      try {
        const { body } = normalizeRequest(request, profile, { transport });
        assert.equal(check(body, { transport }), null);
      } catch (error) {
        if (!(error instanceof SluicegateError)) throw error;
        assert.equal(error.status, 400);
      }
    });
  }
});
