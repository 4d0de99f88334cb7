// The strict Messages server: each rule refuses something, in the API's words; Anthropic's own client reads its
// answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { signatureOf, isSigned, TEXT } from './messages-answers.mjs';
import { RULES, check, ruleFor } from './messages-rules.mjs';
import { startMessagesServer } from './messages-server.mjs';

const HI = { role: 'user', content: 'Hi' };
const LEAST = { model: 'claude-sonnet-4-5', max_tokens: 2048, messages: [HI] };
const TOOL = { name: 'look', input_schema: { type: 'object', properties: {} } };
const HEADERS = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' };
const CONTEXT = { headers: HEADERS, isSigned };

const call = (id) => ({ type: 'tool_use', id, name: 'look', input: {} });
const result = (id) => ({ type: 'tool_result', tool_use_id: id, content: '1' });
const turns = (...contents) =>
  [HI, ...contents.map((content, at) => ({ role: at % 2 ? 'user' : 'assistant', content }))];
const thought = (signature) => ({ type: 'thinking', thinking: 'Well.', signature });
const THINKING = { type: 'enabled', budget_tokens: 1024 };
const marked = (text) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } });
const PNG = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };

/** What is refused, members of a request, what the message begins with. */
const REFUSED = [
  ['no model', { model: undefined }, 'model: Field required'],
  ['an unknown member', { n: 1 }, 'n: Extra inputs are not permitted'],
  ['a member of a beta', { context_management: {} }, 'context_management: Extra inputs'],
  ['no limit', { max_tokens: undefined }, 'max_tokens: Field required'],
  ['too high a limit', { max_tokens: 99_999 }, 'max_tokens: 99999 > 64000'],
  ['no messages', { messages: [] }, 'messages: at least one'],
  ['an assistant first', { messages: [{ role: 'assistant', content: 'Hi' }] }, 'messages: first message'],
  ['an unknown role', { messages: [HI, { role: 'system', content: 'Hi' }] }, "messages.1.role: Input should be 'user' or 'assistant'"],
  ['an unknown member of a message', { messages: [{ ...HI, name: 'me' }] }, 'messages.0.name: Extra'],
  ['effort of a turn', { messages: [HI, { role: 'system', content: [], output_config: {} }] }, 'messages.1.output_config', 'mid-conversation-tool-changes-2026-07-01'],
  ['an empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, 'messages: text content blocks must be non-empty'],
  ['no content', { messages: [{ role: 'user', content: '' }] }, 'messages.0: all messages must have non-empty content'],
  ['an unknown member of a block', { messages: turns([{ type: 'text', text: 'a', id: 1 }], 'b') }, 'messages.1.content.0.text.id: Extra'],
  ['an image of no known kind', { messages: [{ role: 'user', content: [{ type: 'image', source: { ...PNG, media_type: 'image/bmp' } }] }] }, 'messages.0.content.0.image.source.base64.media_type'],
  ['an id with a dot', { messages: turns([call('a.b')], [result('a.b')]) }, 'messages.1.content.0.tool_use.id: String should match'],
  ['an id too long', { messages: turns([call('a'.repeat(65))], 'b') }, 'messages.1.content.0.tool_use.id: String should have at most 64'],
  ['a foreign signature', { messages: turns([thought('x'), { type: 'text', text: 'a' }], 'b') }, 'messages.1.content.0: Invalid `signature` in `thinking` block'],
  ['no signature', { messages: turns([{ type: 'thinking', thinking: 'a' }], 'b') }, 'messages.1.content.0.thinking.signature: Field required'],
  ['system of an image', { system: [{ type: 'image', source: PNG }] }, 'system.0.type'],
  ['a call without a result', { messages: turns([call('a'), call('b')], [result('a')]) }, 'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b'],
  ['results in two messages', { messages: [...turns([call('a'), call('b')], [result('a')]), { role: 'user', content: [result('b')] }] }, 'messages.1: `tool_use` ids were found without'],
  ['a result without a call', { messages: [{ role: 'user', content: [result('a')] }] }, 'messages.0.content.0: unexpected `tool_use_id`'],
  ['a result after a text', { messages: turns([call('a')], [{ type: 'text', text: 'b' }, result('a')]) }, 'messages.2.content.1: `tool_result` blocks must come before'],
  ['two results of a call', { messages: turns([call('a')], [result('a'), result('a')]) }, 'messages.2.content.1: each tool_use must have a single result'],
  ['an id twice', { messages: turns([call('a')], [result('a')], [call('a')], [result('a')]) }, 'messages: `tool_use` ids must be unique'],
  ['five marks', { system: [1, 2, 3, 4, 5].map((nth) => marked(`${nth}`)) }, 'A maximum of 4 blocks with cache_control may be provided. Found 5.'],
  ['other metadata', { metadata: { session: '1' } }, 'metadata.session: Extra'],
  ['a blank stop sequence', { stop_sequences: [' '] }, 'stop_sequences: each stop sequence'],
  ['a budget too small', { thinking: { type: 'enabled', budget_tokens: 9 } }, 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024'],
  ['a budget over the limit', { max_tokens: 1024, thinking: THINKING }, '`max_tokens` must be greater than `thinking.budget_tokens`.'],
  ['adaptive thinking of an older model', { thinking: { type: 'adaptive' } }, '"thinking.type.adaptive" is not supported'],
  ['a turn without its thinking', { thinking: THINKING, messages: turns([call('a')], [result('a')]) }, 'messages.1.content.0.type: Expected `thinking`'],
  ['a prefill with thinking', { thinking: THINKING, messages: turns('Once') }, 'This model does not support assistant message prefill.'],
  ['a temperature with thinking', { thinking: THINKING, temperature: 0.5 }, '`temperature` may only be set to 1 when thinking'],
  ['both kinds of sampling', { temperature: 1, top_p: 1 }, '`temperature` and `top_p` cannot both'],
  ['a temperature of a newer model', { model: 'claude-opus-5-5', temperature: 1 }, '`temperature` is deprecated'],
  ['an effort of an older model', { output_config: { effort: 'low' } }, 'This model does not support the effort'],
  ['an open schema', { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } }, 'output_config.format.schema: For \'object\' type'],
  ['a name with a dot', { tools: [{ ...TOOL, name: 'a.b' }] }, 'tools.0.custom.name: String should match'],
  ['a schema of no object', { tools: [{ ...TOOL, input_schema: {} }] }, 'tools.0.custom.input_schema.type: Field required'],
  ['a tool twice', { tools: [TOOL, TOOL] }, 'tools: Tool names must be unique.'],
  ['a function of OpenAI', { tools: [{ type: 'function', name: 'look' }] }, "tools.0: Input tag 'function'"],
  ['a choice without tools', { tool_choice: { type: 'auto' } }, 'tool_choice may only be specified while providing tools.'],
  ['a choice of no tool', { tools: [TOOL], tool_choice: { type: 'tool', name: 'b' } }, "Tool 'b' not found"],
  ['a forced choice with thinking', { tools: [TOOL], tool_choice: { type: 'any' }, thinking: THINKING }, 'Thinking may not be enabled'],
];

const SIGNED = thought(signatureOf('1'));

const ACCEPTED = [
  ['the least', {}],
  ['a warm-up', { max_tokens: 0 }],
  ['a signed thought', { thinking: THINKING, messages: turns([SIGNED, call('a')], [result('a')]) }],
  ['text after results', { messages: turns([call('a'), call('b')], [result('b'), result('a'), { type: 'text', text: 'c' }]) }],
  ['two messages of the user', { messages: [HI, HI] }],
  ['a prefill', { messages: turns('Once') }],
  ['images', { messages: [{ role: 'user', content: [{ type: 'image', source: PNG }, { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } }] }] }],
  ['a hosted tool', { tools: [{ type: 'web_search_20250305', name: 'web_search' }], tool_choice: { type: 'auto' } }],
  ['a member of its beta', { context_management: {} }, 'other-2025-01-01, context-management-2025-06-27'],
];

const text = (given) => JSON.stringify({ ...LEAST, ...given });
const withBeta = (beta) => ({ ...CONTEXT, headers: { ...HEADERS, ...(beta && { 'anthropic-beta': beta }) } });

describe('the Messages server refuses', () => {
  for (const [what, given, message, beta] of REFUSED) {
    test(what, () => {
      const { status, body } = check(text(given), withBeta(beta));
      assert.deepEqual([status, body.type, body.error.type], [400, 'error', 'invalid_request_error']);
      assert.ok(body.error.message.startsWith(message), body.error.message);
    });
  }

  test('something by every rule', () => {
    const contextOf = (beta = '') => ({ betas: [beta], isCount: false, isSigned });
    const hits = REFUSED.map(([, given, , beta]) => ruleFor(JSON.parse(text(given)), contextOf(beta))?.rule);
    for (const rule of RULES) assert.ok(hits.includes(rule), `${rule.name} refuses nothing`);
  });

  test('by headers', () => {
    const statusOf = (headers) => check(text({}), { ...CONTEXT, headers })?.status;
    assert.equal(statusOf({ 'anthropic-version': '2023-06-01' }), 401);
    assert.equal(statusOf({ 'x-api-key': 'any' }), 400);
    assert.equal(statusOf({ authorization: 'Bearer any', 'anthropic-version': '2023-06-01' }), undefined);
  });

  test('a limit where it counts', () => {
    assert.match(check(text({}), { ...CONTEXT, isCount: true }).body.error.message, /^max_tokens: Extra/);
    assert.equal(check(text({ max_tokens: undefined }), { ...CONTEXT, isCount: true }), null);
  });
});

describe('the Messages server takes', () => {
  for (const [what, given, beta] of ACCEPTED) test(what, () => assert.equal(check(text(given), withBeta(beta)), null));
});

describe("the Messages server answers Anthropic's client", () => {
  let [server, client] = [];
  before(async () => {
    server = await startMessagesServer();
    client = new Anthropic({ baseURL: server.url, apiKey: 'any', maxRetries: 0 });
  });
  after(() => server.close());

  for (const isStream of [true, false]) {
    const ask = (given) => {
      const request = { ...LEAST, ...given };
      return isStream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
    };
    test(`thinking, parallel calls and the second turn, ${isStream ? 'streamed' : 'whole'}`, async () => {
      const given = { thinking: THINKING, tools: [TOOL, { ...TOOL, name: 'other' }] };
      const { content, stop_reason: stop, usage } = await ask(given);
      assert.deepEqual(content.map(({ type }) => type), ['thinking', 'tool_use', 'tool_use']);
      assert.deepEqual([stop, usage.output_tokens, usage.cache_read_input_tokens], ['tool_use', 7, 4]);
      const results = content.slice(1).map(({ id }) => result(id));
      const next = await ask({ ...given, messages: turns(content, results) });
      assert.equal(next.content.at(-1).text, 'The tools gave 1 and 1.');
    });

    test(`failures, ${isStream ? 'streamed' : 'whole'}`, async () => {
      await assert.rejects(ask({ model: 'fail-429' }), Anthropic.RateLimitError);
      await assert.rejects(ask({ model: 'fail-529' }), /overloaded_error/);
      await assert.rejects(ask({ model: 'fail-late' }), /overloaded_error/);
      await assert.rejects(ask({ model: 'cut' }));
    });
  }

  test('text, counts and models', async () => {
    assert.equal((await client.messages.create(LEAST)).content[0].text, TEXT);
    const { model, messages } = LEAST;
    assert.ok((await client.messages.countTokens({ model, messages })).input_tokens > 0);
    assert.deepEqual((await client.models.list()).data.map(({ type }) => type), ['model', 'model']);
    await assert.rejects(client.models.retrieve('none'), Anthropic.NotFoundError);
  });
});
