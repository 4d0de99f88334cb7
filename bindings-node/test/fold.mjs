// What a recorded Responses stream contains, by plain folding: the whole input at once, objects, no repair, no limits.
// Written from the specification of the mapping, not from the transcoder, so that the two can disagree.

/** The JSON objects of an SSE body, and whether it has `[DONE]`. */
export function readSse(text) {
  const blocks = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').split('\n\n');
  const datas = blocks.map((block) =>
    block
      .split('\n')
      .filter((line) => /^data(:|$)/.test(line))
      .map((line) => line.replace(/^data:? ?/, ''))
      .join('\n'),
  );
  return { events: readJson(datas), isDone: datas.some((data) => data.trim() === '[DONE]') };
}

/** The JSON objects among some texts. */
export function readJson(texts) {
  return texts.flatMap((text) => {
    try {
      const event = JSON.parse(text);
      return event !== null && typeof event === 'object' && !Array.isArray(event) ? [event] : [];
    } catch {
      return [];
    }
  });
}

const STATUS_OF = {
  'response.completed': 'completed',
  'response.done': 'completed',
  'response.incomplete': 'incomplete',
  'response.failed': 'failed',
  'response.cancelled': 'cancelled',
};

/** `{text, refusal, calls, finish, usage}`, or `{error: {message?, code?}}`. */
export function fold({ events, isDone = false }, options = {}) {
  const items = new Map();
  for (const event of events) {
    if (event.type === 'error') return { error: errorOf(event.error ?? event) };
    if (event.type in STATUS_OF) return ending(STATUS_OF[event.type], event.response ?? {}, items, options);
    take(items, event);
  }
  if (isDone && options.done_is_complete) return ending('completed', {}, items, options);
  return { error: { code: 'upstream_truncated' } };
}

function take(items, event) {
  const key = event.output_index ?? event.item_id ?? event.item?.id ?? 'only';
  const item = (type) => {
    if (!items.has(key)) items.set(key, { type, id: event.item_id, content: [], arguments: '', input: '' });
    return items.get(key);
  };
  const part = (type, member) => {
    const { content } = item('message');
    const at = event.content_index ?? 0;
    content[at] ??= { type, [member]: '' };
    return content[at];
  };
  switch (event.type) {
    case 'response.output_item.added':
      Object.assign(item(event.item.type), event.item, { content: [] }, saidBefore(item(event.item.type)));
      break;
    case 'response.output_item.done':
      items.set(key, { ...event.item });
      break;
    case 'response.output_text.delta':
      part('output_text', 'text').text += event.delta;
      break;
    case 'response.output_text.done':
      part('output_text', 'text').text = event.text;
      break;
    case 'response.refusal.delta':
      part('refusal', 'refusal').refusal += event.delta;
      break;
    case 'response.refusal.done':
      part('refusal', 'refusal').refusal = event.refusal;
      break;
    case 'response.function_call_arguments.delta':
      item('function_call').arguments += event.delta;
      break;
    case 'response.function_call_arguments.done':
      Object.assign(item('function_call'), { arguments: event.arguments }, event.name && { name: event.name });
      break;
    case 'response.custom_tool_call_input.delta':
      item('custom_tool_call').input += event.delta;
      break;
    case 'response.custom_tool_call_input.done':
      item('custom_tool_call').input = event.input;
      break;
  }
}

/** Deltas may come before the item they are about. */
function saidBefore({ content, arguments: args, input }) {
  const got = { content, arguments: args, input };
  return Object.fromEntries(Object.entries(got).filter(([, value]) => value?.length > 0));
}

function ending(named, response, items, options) {
  const own = response.error ? 'failed' : named;
  const status = response.status in { completed: 1, incomplete: 1, failed: 1, cancelled: 1 } ? response.status : own;
  if (status === 'cancelled') return { error: { code: 'response_cancelled' } };
  if (status === 'failed') return { error: errorOf(original(response.error ?? {})) };
  const output = response.output?.length > 0 ? response.output : [...items.values()];
  const calls = output.map((item) => callOf(item, options)).filter((call) => call !== null);
  const parts = (type, member) =>
    output
      .filter((item) => item.type === 'message')
      .map((item) => (item.content ?? []).filter((part) => part?.type === type).map((part) => part[member]).join(''))
      .filter((text) => text !== '');
  return {
    text: parts('output_text', 'text').join(options.message_separator ?? '\n\n'),
    refusal: parts('refusal', 'refusal').join(''),
    calls,
    finish: status === 'incomplete' ? stopOf(response) : calls.length > 0 ? 'tool_calls' : 'stop',
    usage: usageOf(response.usage),
  };
}

/**
 * Of a custom call the free text; it is shown as a function whose arguments are `{"input": text}`, unless the client
 * declared it as custom. The client knows calls by the names and ids of its request.
 */
function callOf(item, { context }) {
  const { call_id: callId = item.id } = item;
  const { [callId]: id = callId } = context?.call_ids ?? {};
  const { [item.name]: name = item.name } = context?.names ?? {};
  if (item.type === 'function_call') return { id, name, arguments: item.arguments };
  if (item.type === 'custom_tool_call') return { id, name, input: item.input };
  return null;
}

function stopOf(response) {
  // Of an answer that was steered or interrupted, what there is of it is the answer.
  return { content_filter: 'content_filter', steered: 'stop', interrupted: 'stop' }[response.incomplete_details?.reason] ?? 'length';
}

/** Details that the upstream left out stay out. */
function usageOf(usage) {
  if (!usage) return null;
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  const { cached_tokens, cache_write_tokens, ...ofInput } = usage.input_tokens_details ?? {};
  const { reasoning_tokens, ...ofOutput } = usage.output_tokens_details ?? {};
  const media = ({ text_tokens, image_tokens }) => ({ text_tokens, image_tokens });
  const details = (counts) => {
    const given = Object.entries(counts).filter(([, count]) => Number.isInteger(count));
    return given.length > 0 ? Object.fromEntries(given) : undefined;
  };
  return JSON.parse(
    JSON.stringify({
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: total ?? input + output,
      prompt_tokens_details: details({ cached_tokens, cache_write_tokens, ...media(ofInput) }),
      completion_tokens_details: details({ reasoning_tokens, ...media(ofOutput) }),
    }),
  );
}

/** A Response that was made has another code than its own, by the class of the failure, as the error's `type`. */
function original(error) {
  return error.type ? { ...error, code: error.type } : error;
}

function errorOf(error) {
  if (typeof error === 'string') return { message: error };
  const read = {};
  if (typeof error.message === 'string') read.message = error.message;
  // Some upstreams send a number; chat clients know codes as strings.
  if (error.code !== undefined && error.code !== null) read.code = String(error.code);
  return read;
}
