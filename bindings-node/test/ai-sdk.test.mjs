// The AI SDK reads what the fixtures have as output: chat streams and completions through `createOpenAICompatible`, Responses
// streams and bodies through `createOpenAI().responses`. It ends with what a plain fold of those bytes has.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import { cases, json } from './cases.mjs';
import { readSse } from './fold.mjs';
import { text } from './streams.mjs';

const EVENTS = 'text/event-stream';
const JSON_TYPE = 'application/json';

/** A `fetch` whose server has these bytes for every request. */
const answering = (body, type) => async () => new Response(body, { headers: { 'content-type': type } });

const chatModel = (body, type) =>
  createOpenAICompatible({ name: 'any', baseURL: 'http://any/v1', fetch: answering(body, type), includeUsage: true })('m');

const responsesModel = (body, type) => createOpenAI({ apiKey: 'none', fetch: answering(body, type) }).responses('m');

const asked = (model) => ({ model, prompt: 'Hi', maxRetries: 0, onError() {} });

/** What the SDK streams. */
async function streamed(model) {
  const got = { text: '', reasoning: '', calls: [], finish: null, usage: null, error: null };
  for await (const part of streamText(asked(model)).fullStream) {
    if (part.type === 'text-delta') got.text += part.text;
    if (part.type === 'reasoning-delta') got.reasoning += part.text;
    if (part.type === 'tool-call' && !part.providerExecuted) got.calls.push(callOf(part));
    if (part.type === 'error') got.error ??= messageOf(part.error);
    if (part.type === 'finish') Object.assign(got, { finish: part.finishReason, usage: counts(part.totalUsage) });
  }
  return got.error === null ? got : { error: got.error };
}

/** What it reads of one JSON object. */
async function whole(model) {
  try {
    const { text: said, reasoningText, toolCalls, finishReason, totalUsage } = await generateText(asked(model));
    const calls = toolCalls.filter((call) => !call.providerExecuted).map(callOf);
    return { text: said, reasoning: reasoningText ?? '', calls, finish: finishReason, usage: counts(totalUsage), error: null };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

const callOf = ({ toolCallId: id, toolName: name, input }) => ({ id, name, input: OWN.includes(name) ? null : parsed(input) });

/** Tools with a type of their own: what the SDK makes of their input is its own. */
const OWN = ['apply_patch', 'local_shell', 'shell', 'tool_search'];
/** Items that are a reason to stop for the SDK. */
const STOPS = ['function_call', 'custom_tool_call', 'apply_patch_call'];

const messageOf = (error) => error?.error?.message ?? error?.response?.error?.message ?? error?.message ?? `${error}`;

const counts = ({ inputTokens: input, outputTokens: output }) => (input === undefined ? null : { input, output });

function parsed(given) {
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

/** A chat stream, chunk by chunk. */
function foldChat(sse) {
  const got = { text: '', refusal: '', reasoning: '', calls: [], finish: null, usage: null, error: null };
  for (const { choices: [choice] = [], usage, error } of readSse(sse).events) {
    if (error) return { error: error.message };
    const { content, refusal, reasoning_content: thought, reasoning, tool_calls: pieces = [] } = choice?.delta ?? {};
    got.text += `${content ?? ''}${refusal ?? ''}`;
    got.refusal += refusal ?? '';
    got.reasoning += thought ?? reasoning ?? '';
    for (const { index, id, function: own } of pieces) {
      const call = (got.calls[index] ??= { id, name: own.name, input: '' });
      call.input += own.arguments ?? '';
    }
    got.finish = choice?.finish_reason ?? got.finish;
    if (usage) got.usage = { input: usage.prompt_tokens, output: usage.completion_tokens };
  }
  return settled(got);
}

/** A completion. */
function foldCompletion({ choices: [choice] = [], usage, error }) {
  if (error) return { error: error.message };
  const { content, refusal, reasoning_content: thought, reasoning, tool_calls: calls = [] } = choice.message;
  return settled({
    text: `${content ?? ''}${refusal ?? ''}`,
    refusal: refusal ?? '',
    reasoning: thought ?? reasoning ?? '',
    calls: calls.map(({ id, function: own }) => ({ id, name: own.name, input: own.arguments })),
    finish: choice.finish_reason,
    usage: usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : null,
    error: null,
  });
}

/** A Responses stream by its deltas; usage and end are those of its terminal event. */
function foldResponses(sse) {
  const got = { text: '', refusal: '', reasoning: '', calls: [], finish: null, usage: null, error: null };
  for (const event of readSse(sse).events) {
    if (event.type === 'response.output_text.delta') got.text += event.delta;
    if (event.type === 'response.refusal.delta') got.text += event.delta;
    if (event.type === 'response.refusal.done') got.refusal += event.refusal;
    if (event.type === 'response.reasoning_summary_text.delta') got.reasoning += event.delta;
    if (event.type === 'response.output_item.done') got.calls.push(...callsOf([event.item]));
    if (isEnd(event)) Object.assign(got, endOf(event.response));
  }
  return settled(got);
}

/** A Response. */
function foldResponse(response) {
  const parts = (type, member) => response.output.filter((item) => item.type === type).flatMap((item) => item[member]);
  const joined = (list, key) => list.map((part) => part[key] ?? '').join('');
  const content = parts('message', 'content');
  return settled({
    text: content.map((part) => part.text ?? part.refusal).join(''),
    refusal: joined(content, 'refusal'),
    reasoning: joined(parts('reasoning', 'summary'), 'text'),
    ...endOf(response),
    calls: callsOf(response.output),
  });
}

const isEnd = ({ type }) => /^response\.(completed|incomplete|failed)$/.test(type);

const callsOf = (items) =>
  items
    .map((item) => ({ ...item, name: item.name ?? item.type.replace(/_call$/, '') }))
    .filter(({ type, name }) => type === 'function_call' || type === 'custom_tool_call' || OWN.includes(name))
    .map(({ call_id: id, name, arguments: args, input }) => ({ id, name, input: OWN.includes(name) ? null : args ?? input }));

function endOf({ status, output, error, usage, incomplete_details: details }) {
  const reason = { max_output_tokens: 'length', content_filter: 'content_filter' }[details?.reason];
  return {
    error: status === 'failed' ? error.message : null,
    finish: reason ?? (output.some(({ type }) => STOPS.includes(type)) ? 'tool_calls' : 'stop'),
    usage: usage ? { input: usage.input_tokens, output: usage.output_tokens } : null,
  };
}

/** In the SDK's words: a refusal is a text, and a reason to stop. */
function settled({ refusal, ...got }) {
  if (got.error !== null) return { error: got.error };
  const calls = got.calls.map((call) => ({ ...call, input: parsed(call.input) }));
  const finish = refusal && got.finish === 'stop' ? 'content_filter' : got.finish;
  return { ...got, calls, finish: finish?.replace('_', '-') ?? null };
}

/** One test for each fixture that the SDK can read. `except`: names and why. */
function suite(kind, except, check) {
  describe(`the AI SDK reads ${kind}`, () => {
    const inputs = cases(kind);
    assert.ok(inputs.length > 100);
    for (const { name, file } of inputs) {
      test(name, { skip: except[name] ?? false }, () => check((of) => file(of) && text(file(of)), file));
    }
  });
}

/** Names of cases, and why the SDK cannot read them. */
const CUSTOM = 'its chat client knows no custom calls';
const CHAT = {
  context_custom_tool: CUSTOM,
  custom_call_as_custom: CUSTOM,
  custom_call_input_in_added_stands_in: CUSTOM,
};
const RESPOND = { frames_out: 'it reads no WebSocket frames' };

suite('chat', CHAT, async (read, file) => {
  const sse = read('output.sse');
  assert.deepEqual(await streamed(chatModel(sse, EVENTS)), foldChat(sse));
  const completion = json(file('completion.json'));
  if (!completion.error) assert.deepEqual(await whole(chatModel(JSON.stringify(completion), JSON_TYPE)), foldCompletion(completion));
});

suite('respond', RESPOND, async (read, file) => {
  const sse = read('output.sse');
  assert.deepEqual(await streamed(responsesModel(sse, EVENTS)), foldResponses(sse));
  const response = json(file('response.json'));
  if (!response.error) assert.deepEqual(await whole(responsesModel(JSON.stringify(response), JSON_TYPE)), foldResponse(response));
});
