// The SDKs as one: each asks in its own API, of a conversation in its own form, and says what it got.
// Input: the URL of an upstream, a model, a conversation. Output: what every API has of an answer. State: none.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Output, generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';

export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SCHEMA = {
  type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false,
};
const PARAMETERS = { type: 'object', properties: { q: { type: 'integer' } } };
const DATA = `data:image/png;base64,${PIXEL}`;

/**
 * An SDK in one of its ways to ask: `user(text, hasImage)` and `results(said, outputs)` give turns, `ask(on, asked)` what was
 * said: `{text, thinking, calls: [{id, name, input}], stop, outputTokens, turns}`. `on`: `{url, fetch}`; `asked`: `{model, talk,
 * tools, isThinking, isJson}`. `upstreams`: on which it is tried.
 */
function anthropic(isStream) {
  return {
    name: `anthropic, ${isStream ? 'streamed' : 'whole'}`,
    upstreams: ['responses', 'chat'],
    user: (text, hasImage) => {
      const source = { type: 'base64', media_type: 'image/png', data: PIXEL };
      return { role: 'user', content: [...(hasImage ? [{ type: 'image', source }] : []), { type: 'text', text }] };
    },
    results: ({ calls }, outputs) => {
      const content = calls.map(({ id }, at) => ({ type: 'tool_result', tool_use_id: id, content: outputs[at] }));
      return [{ role: 'user', content }];
    },
    async ask({ url, fetch }, { model, talk, tools, isThinking, isJson, signal }) {
      const client = new Anthropic({ baseURL: url.replace(/\/v1$/, ''), apiKey: 'sk-test', maxRetries: 0, fetch, logLevel: 'off' });
      const request = {
        model, max_tokens: 4096, messages: talk,
        ...(tools && { tools: tools.map((name) => ({ name, input_schema: PARAMETERS })) }),
        ...(isThinking && { thinking: { type: 'enabled', budget_tokens: 1024 } }),
        ...(isJson && { output_config: { format: { type: 'json_schema', schema: SCHEMA } } }),
      };
      const { messages } = client;
      const answer = isStream
        ? await messages.stream(request, { signal }).finalMessage()
        : await messages.create(request, { signal });
      const { content, stop_reason: stop, usage } = answer;
      const joined = (kind) => content.filter(({ type }) => type === kind).map((block) => block[kind]).join('');
      const calls = content.filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => ({ id, name, input }));
      const turns = [{ role: 'assistant', content }];
      return { text: joined('text'), thinking: joined('thinking'), calls, stop, outputTokens: usage.output_tokens, turns };
    },
    errors: Anthropic,
  };
}

const openai = ({ url, fetch }) => new OpenAI({ baseURL: url, apiKey: 'sk-test', maxRetries: 0, fetch });

function chat(isStream) {
  return {
    name: `openai, chat ${isStream ? 'streamed' : 'whole'}`,
    upstreams: ['messages'],
    user: (text, hasImage) => {
      const image = hasImage ? [{ type: 'image_url', image_url: { url: DATA } }] : [];
      return { role: 'user', content: [...image, { type: 'text', text }] };
    },
    results: ({ calls }, outputs) => calls.map(({ id }, at) => ({ role: 'tool', tool_call_id: id, content: outputs[at] })),
    async ask(on, { model, talk, tools, isThinking, isJson, signal }) {
      const format = { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA, strict: true } };
      const request = {
        model, messages: talk,
        ...(isStream && { stream_options: { include_usage: true } }),
        ...(tools && { tools: tools.map((name) => ({ type: 'function', function: { name, parameters: PARAMETERS } })) }),
        ...(isThinking && { reasoning_effort: 'low', include_reasoning: true }),
        ...(isJson && { response_format: format }),
      };
      const { completions } = openai(on).chat;
      const answer = isStream ? await helped(completions, request, signal) : await completions.create(request, { signal });
      dated(answer.created);
      const [{ message: { parsed, ...message }, finish_reason: stop }] = answer.choices;
      const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => {
        return { id, name, input: JSON.parse(given) };
      });
      const thinking = message.reasoning_content ?? '';
      return { text: message.content ?? '', thinking, calls, stop, outputTokens: answer.usage.completion_tokens, turns: [message] };
    },
    errors: OpenAI,
  };
}

/** The stream helper, which keeps of members that it does not know the last piece alone. */
async function helped(completions, request, signal) {
  let thinking = '';
  const stream = completions.stream(request, { signal });
  stream.on('chunk', ({ choices: [choice] }) => void (thinking += choice?.delta.reasoning_content ?? ''));
  const completion = await stream.finalChatCompletion();
  if (thinking !== '') completion.choices[0].message.reasoning_content = thinking;
  return completion;
}

/** Which a Messages server does not have, and the transport adds. */
const dated = (seconds) => assert.ok(seconds > 1_700_000_000, `${seconds}`);

function responses(isStream) {
  return {
    name: `openai, responses ${isStream ? 'streamed' : 'whole'}`,
    upstreams: ['messages'],
    user: (text, hasImage) => {
      const image = hasImage ? [{ type: 'input_image', image_url: DATA, detail: 'auto' }] : [];
      return { role: 'user', content: [...image, { type: 'input_text', text }] };
    },
    results: ({ calls }, outputs) =>
      calls.map(({ id }, at) => ({ type: 'function_call_output', call_id: id, output: outputs[at] })),
    async ask(on, { model, talk, tools, isThinking, isJson, signal }) {
      const format = { type: 'json_schema', name: 'answer', schema: SCHEMA, strict: true };
      const request = {
        model, input: talk, store: false,
        ...(tools && { tools: tools.map((name) => ({ type: 'function', name, parameters: PARAMETERS, strict: false })) }),
        ...(isThinking && { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
        ...(isJson && { text: { format } }),
      };
      const own = openai(on).responses;
      const answer = isStream
        ? await own.stream(request, { signal }).finalResponse()
        : await own.create(request, { signal });
      if (answer.status === 'failed') throw answer.error;
      dated(answer.created_at);
      const { output, status: stop, usage } = answer;
      const calls = output.filter(({ type }) => type === 'function_call').map(({ call_id: id, name, arguments: given }) => {
        return { id, name, input: JSON.parse(given) };
      });
      const thinking = output.flatMap(({ summary = [] }) => summary.map(({ text }) => text)).join('');
      const turns = output.map(({ parsed_arguments: _, ...item }) => item);
      return { text: answer.output_text, thinking, calls, stop, outputTokens: usage.output_tokens, turns };
    },
    errors: OpenAI,
  };
}

/**
 * The AI SDK with a provider: `modelOf(on, model)`; `thinkingOptions`: how that one is made to think; `isForgetful`: it keeps of a
 * thought nothing but the text.
 */
function aiSdk(kind, isStream, modelOf, thinkingOptions, isForgetful = false) {
  return {
    isForgetful,
    name: `ai, ${kind} ${isStream ? 'streamed' : 'whole'}`,
    upstreams: ['messages'],
    user: (text, hasImage) => {
      const image = hasImage ? [{ type: 'image', image: PIXEL, mediaType: 'image/png' }] : [];
      return { role: 'user', content: [...image, { type: 'text', text }] };
    },
    results: ({ calls }, outputs) => [{
      role: 'tool',
      content: calls.map(({ id, name }, at) => {
        return { type: 'tool-result', toolCallId: id, toolName: name, output: { type: 'text', value: outputs[at] } };
      }),
    }],
    async ask(on, { model, talk, tools, isThinking, isJson, signal }) {
      const named = (name) => [name, tool({ inputSchema: jsonSchema(PARAMETERS) })];
      const request = {
        model: modelOf(on, model), messages: talk, maxRetries: 0, abortSignal: signal,
        ...(tools && { tools: Object.fromEntries(tools.map(named)) }),
        ...(isThinking && { providerOptions: thinkingOptions }),
        ...(isJson && { output: Output.object({ schema: jsonSchema(SCHEMA) }) }),
      };
      const answer = isStream ? await streamed(request) : await generateText(request);
      const { text, reasoningText, toolCalls, finishReason: stop, totalUsage, response } = answer;
      const calls = toolCalls.map(({ toolCallId: id, toolName: name, input }) => ({ id, name, input }));
      return { text, thinking: reasoningText ?? '', calls, stop, outputTokens: totalUsage.outputTokens, turns: response.messages };
    },
  };
}

async function streamed(request) {
  let failure;
  const result = streamText({ ...request, onError: ({ error }) => void (failure = error) });
  for await (const part of result.fullStream) if (part.type === 'abort') throw request.abortSignal.reason;
  if (failure !== undefined) throw failure;
  const names = ['text', 'reasoningText', 'toolCalls', 'finishReason', 'totalUsage', 'response'];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await result[name]])));
}

const responsesModel = ({ url, fetch }, model) => createOpenAI({ baseURL: url, apiKey: 'sk-test', fetch }).responses(model);
const compatibleModel = ({ url, fetch }, model) => {
  const given = { name: 'own', baseURL: url, apiKey: 'sk-test', fetch, includeUsage: true, supportsStructuredOutputs: true };
  return createOpenAICompatible(given)(model);
};
const THINKING = {
  reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true, store: false, include: ['reasoning.encrypted_content'],
};

export const CLIENTS = [false, true].flatMap((isStream) => [
  anthropic(isStream),
  chat(isStream),
  responses(isStream),
  aiSdk('openai', isStream, responsesModel, { openai: THINKING }),
  aiSdk('openai-compatible', isStream, compatibleModel, { own: { reasoningEffort: 'low' } }, true),
]);
