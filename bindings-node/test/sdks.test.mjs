// The SDKs, as they are, on servers of another dialect, through our fetch: one list of scenarios for each SDK and upstream.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { wrapFetch } from 'sluicegate/fetch';
import { startChatServer } from './chat-server.mjs';
import { TEXT as OF_MESSAGES } from './messages-answers.mjs';
import { startMessagesServer } from './messages-server.mjs';
import { CLIENTS, PIXEL } from './sdk-clients.mjs';
import { startStrictBackend } from './strict-backend.mjs';

const FAILS = { 429: 'fail-429', overflow: 'fail-too-long' };
const OF_CHAT = 'Hello from the chat server.';

/** What the chat server answers. */
function chatAnswer({ model, messages, tools = [], response_format: format }) {
  const failure = {
    'fail-429': { status: 429, error: { message: 'Slow down.', headers: { 'retry-after': '7' } } },
    'fail-too-long': {
      status: 400,
      error: "This model's maximum context length is 200000 tokens. However, your messages resulted in 210000 tokens.",
    },
    late: { late: 'Hello' },
    cut: { cut: 'Hello' },
  }[model];
  if (failure !== undefined) return failure;
  const calls = messages.at(-1).role === 'tool' ? [] : tools.map(({ function: { name } }) => [name, '{"q":7}']);
  const thought = model === 'thinks' ? 'Let me think.' : undefined;
  if (calls.length > 0) return { thought, calls };
  return { thought, text: format?.type === 'json_schema' ? '{"ok":true}' : OF_CHAT };
}

/** By dialect: how it starts, where it is, its answer, and of scenarios what makes it play them; `own`: options of the fetch. */
const UPSTREAMS = {
  responses: {
    start: () => startStrictBackend(),
    path: '/backend-api/codex',
    text: 'Hello from the strict backend.',
    models: { usual: 'gpt-5.5', thinking: 'thinks', overloaded: 'fail-stream-first', late: 'fail-stream-late', cut: 'cut' },
  },
  chat: {
    start: () => startChatServer(chatAnswer),
    path: '',
    text: OF_CHAT,
    models: { usual: 'usual', thinking: 'thinks', late: 'late', cut: 'cut' },
    own: { profile: { name: 'thinking', extends: 'chat', chat: { reasoning: 'reasoning_content' } } },
  },
  messages: {
    start: () => startMessagesServer(),
    path: '/v1',
    text: OF_MESSAGES,
    models: { usual: 'claude-sonnet-4-5', overloaded: 'fail-529', refused: 'fail-400', late: 'fail-late', cut: 'cut' },
  },
};

const TOOLS = ['look', 'go'];
const STOPPED = ['end_turn', 'stop', 'completed'];
const CALLED = ['tool_use', 'tool_calls', 'tool-calls', 'completed'];

const statusOf = (error) => error.status ?? error.statusCode;
const headerOf = (error, name) => error.headers?.get(name) ?? error.responseHeaders?.[name];

/** What the SDK's own error has. */
const FAILURES = {
  429: (error, { errors }, dialect) => {
    assert.equal(statusOf(error), 429);
    if (errors) assert.ok(error instanceof errors.RateLimitError);
    if (dialect !== 'responses') assert.equal(headerOf(error, 'retry-after'), '7'); // it tells so in its own way
  },
  overloaded: (error, { errors }) => {
    assert.ok([503, 529].includes(statusOf(error)), `${error}`);
    if (errors) assert.ok(error instanceof errors.InternalServerError);
  },
  refused: (error) => {
    assert.equal(statusOf(error), 400);
    assert.match(error.message, /this is refused/);
  },
  overflow: (error, { errors }) => {
    assert.equal(statusOf(error), 400);
    assert.match(`${error.message}`, /prompt is too long/);
    if (errors && 'code' in error) assert.equal(error.code, 'context_length_exceeded');
  },
  late: (error) => assert.match(JSON.stringify(error) + error, /verloaded|gone|rror/),
  cut: (error) => assert.match(JSON.stringify(error) + error, /truncated|cut|gone/),
};

for (const [dialect, { start, path, text, models, own = {} }] of Object.entries(UPSTREAMS)) {
  describe(`on a server of ${dialect}`, () => {
    let server;
    before(async () => (server = await start()));
    after(() => server.close());

    for (const client of CLIENTS.filter(({ upstreams }) => upstreams.includes(dialect))) {
      describe(client.name, () => scenarios(client));
    }

    /** One client, its calls and what they came to. */
    function asking(client) {
      const seen = { sent: [], outcomes: [] };
      const hooks = {
        onRequest: ({ body }) => seen.sent.push(JSON.parse(body)),
        onOutcome: ({ status }) => seen.outcomes.push(status),
      };
      seen.ask = (scenario, talk, asked = {}) => {
        const model = { ...models, ...FAILS }[scenario] ?? models.usual;
        const on = { url: server.url + path, fetch: wrapFetch(fetch, { upstream: dialect, ...own, ...hooks }) };
        return client.ask(on, { model, talk, ...asked });
      };
      return seen;
    }

    function scenarios(client) {
      test('text', async () => {
        const { ask, outcomes } = asking(client);
        const said = await ask('usual', [client.user('Hi')]);
        assert.deepEqual([said.text, said.calls, said.outputTokens], [text, [], 7]);
        assert.ok(STOPPED.includes(said.stop), said.stop);
        assert.deepEqual(outcomes, ['completed']);
      });

      for (const isThinking of [false, true]) {
        const skip = isThinking && dialect === 'chat' && / whole$/.test(client.name) && 'this server thinks in streams only';
        test(`two calls and the second turn${isThinking ? ', thinking' : ''}`, { skip }, async () => {
          const { ask, sent } = asking(client);
          const talk = [client.user('Use the tools.')];
          const scenario = isThinking ? 'thinking' : 'usual';
          const said = await ask(scenario, talk, { tools: TOOLS, isThinking });
          assert.deepEqual(said.calls.map(({ name }) => name), TOOLS);
          assert.ok(CALLED.includes(said.stop), said.stop);
          assert.notEqual(said.calls[0].id, said.calls[1].id);
          assert.equal(said.thinking, isThinking ? 'Let me think.' : '');
          const again = [...talk, ...said.turns, ...client.results(said, ['1', '2'])];
          const { text: answer } = await ask(scenario, again, { tools: TOOLS, isThinking });
          assert.ok([text, 'The tools gave 1 and 2.'].includes(answer), answer);
          assert.equal(hasThought(sent.at(-1)), isThinking && !client.isForgetful);
        });
      }

      test('an image', async () => {
        const { ask, sent } = asking(client);
        const said = await ask('usual', [client.user('What is this?', true)]);
        assert.ok([text, 'I see 1 image.'].includes(said.text), said.text);
        assert.ok(JSON.stringify(sent).includes(PIXEL));
      });

      test('structured output', async () => {
        const { ask, sent } = asking(client);
        const said = await ask('usual', [client.user('Is it?')], { isJson: true });
        assert.deepEqual(JSON.parse(said.text), { ok: true });
        assert.ok(JSON.stringify(sent).includes('json_schema'));
      });

      for (const [scenario, expected] of Object.entries(FAILURES)) {
        test(`it fails: ${scenario}`, { skip: !(scenario in { ...models, ...FAILS }) }, async () => {
          const { ask, outcomes } = asking(client);
          const error = await ask(scenario, [client.user('Hi')]).then(() => assert.fail('it was answered'), (error) => error);
          assert.match(outcomes.join(), scenario === 'cut' ? /^(failed|truncated)$/ : /^failed$/);
          expected(error, client, dialect);
        });
      }
    }
  });
}

/** Whether a request has a thought as its server gave it. */
function hasThought(request) {
  return /"encrypted_content":"gAAAAA|"signature":"\w|"reasoning_content":"\w/.test(JSON.stringify(request));
}
