// What the strict backend answers. Input: a request that was let through. Output: events, or a failure.
// Nothing is random and no clock is read: the same requests in the same order get the same bytes.
import { allTools } from './strict-tools.mjs';

const TEXT = ['Hello', ' from', ' the', ' strict', ' backend.'];
const USAGE = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 19,
};
/** Longer than Claude Code can be made to wait for a byte, which is 10 s at least. */
export const SILENCE_MS = 11_500;
/** A PNG of one pixel. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const LIMIT = {
  type: 'usage_limit_reached',
  message: 'The usage limit has been reached',
  plan_type: 'plus',
  resets_at: 1777936568,
  resets_in_seconds: 13872,
};
const LIMIT_HEADERS = { 'x-codex-primary-used-percent': '100', 'x-codex-primary-window-minutes': '300' };
const OVERLOADED = {
  code: 'server_is_overloaded',
  message: 'Our servers are currently overloaded. Please try again later.',
};
const MISSING = {
  type: 'invalid_request_error',
  code: 'model_not_found',
  message: 'The requested model does not exist.',
  param: 'model',
};
const TOO_LONG = {
  type: 'invalid_request_error',
  code: 'context_length_exceeded',
  message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
};
const FAILED = { code: 'server_error', message: 'An error occurred while processing your request.' };
const HTML = '<html><head><title>500 Internal Server Error</title></head><body><h1>Oops</h1></body></html>\n';

/** Answers that are no stream, by model: `body` is JSON unless it is text. */
const REFUSALS = {
  'fail-429': { status: 429, headers: LIMIT_HEADERS, body: { error: LIMIT } },
  'fail-404': { status: 404, headers: {}, body: { error: MISSING } },
  'fail-500-html': { status: 500, headers: {}, body: HTML },
  'fail-529': { status: 529, headers: {}, body: { error: { ...OVERLOADED, type: 'server_error' } } },
  'fail-too-long': { status: 400, headers: {}, body: { error: { ...TOO_LONG, param: 'input' } } },
};

/** What happens to a stream, by model, given its events. */
const SCRIPTS = {
  'fail-stream-first': ([created]) => ({ events: [failed(created, OVERLOADED)] }),
  'fail-stream-too-long': ([created]) => ({ events: [failed(created, TOO_LONG)] }),
  'fail-stream-late': (events) => {
    const begun = events.slice(0, afterDeltas(events));
    return { events: [...begun, failed(events[0], FAILED)] };
  },
  cut: (events) => ({ events: events.slice(0, afterDeltas(events) + 1), isCut: true }),
  slow: (events) => ({ events, pauseMs: 50 }),
  silent: (events) => ({ events, pauseMs: SILENCE_MS }),
};

/**
 * `{refusal}` or `{events, pauseMs, isCut}`: with `isCut` the last event breaks off in its middle. `itemsOf` says what a
 * complete answer consists of, `scriptOf` what happens to it: by the name of a model that fails.
 */
export function answer(request, responseId, { itemsOf = usualItems, scriptOf = () => undefined }) {
  const name = scriptOf(request) ?? request.model;
  const refusal = REFUSALS[name];
  if (refusal !== undefined) return { refusal };
  const script = SCRIPTS[name] ?? ((events) => ({ events }));
  const { events, pauseMs = 0, isCut = false } = script(eventsOf(request, responseId, itemsOf));
  return { refusal: null, events: events.map(numbered), pauseMs, isCut };
}

function numbered({ type, ...rest }, at) {
  return { type, sequence_number: at, ...rest };
}

/** Each event in its encoding, in its time. */
export async function* encoded({ events, pauseMs, isCut }, encode) {
  for (const [at, event] of events.entries()) {
    if (pauseMs > 0 && isDelta(event)) await new Promise((done) => setTimeout(done, pauseMs));
    const bytes = encode(event);
    yield isCut && at === events.length - 1 ? bytes.subarray(0, bytes.length / 2) : bytes;
  }
}

function isDelta({ type }) {
  return type.endsWith('.delta');
}

/** How many events there are up to the second delta, or up to the end where there are no deltas. */
function afterDeltas(events) {
  const deltas = events.flatMap((event, at) => (isDelta(event) ? [at] : []));
  return deltas.length > 1 ? deltas[1] + 1 : events.length - 1;
}

function failed({ response }, error) {
  return { type: 'response.failed', response: { ...response, status: 'failed', error } };
}

/** A stream that completes; its terminal event has no output, as the backend's. */
function eventsOf(request, responseId, itemsOf) {
  const response = responseOf(request, responseId);
  const items = request.generate === false ? [] : itemsOf(request, responseId);
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    ...items.flatMap((item, index) => eventsOfItem(item, index)),
    { type: 'response.completed', response: { ...response, status: 'completed', service_tier: 'default', usage: USAGE } },
  ];
}

function responseOf(request, id) {
  const { model, instructions = null, previous_response_id: previous = null } = request;
  const { tools = [], tool_choice: choice = 'auto', parallel_tool_calls: isParallel = true } = request;
  const { reasoning = {}, text = {}, prompt_cache_key: key = null } = request;
  return {
    id, object: 'response', created_at: 1_777_000_000, status: 'in_progress', background: false, error: null,
    incomplete_details: null, instructions, max_output_tokens: null, max_tool_calls: null, model, output: [],
    parallel_tool_calls: isParallel, previous_response_id: previous, prompt_cache_key: key,
    reasoning: { effort: 'medium', summary: null, ...reasoning }, safety_identifier: null, service_tier: 'auto', store: false,
    temperature: 1, text: { format: { type: 'text' }, verbosity: 'medium', ...text }, tool_choice: choice, tools,
    top_logprobs: 0, top_p: 1, truncation: 'disabled', usage: null, user: null, metadata: {},
  };
}

/** What a complete answer consists of. */
function usualItems(request, responseId) {
  if (lastOf(request.input).type === 'compaction_trigger') return [compaction(responseId)];
  const suffix = responseId.slice('resp_'.length);
  const prompt = promptOf(request.input);
  const thoughts = request.model === 'thinks' ? [thought('Let me think.', suffix)] : [];
  return [...thoughts, ...answerItems(request, prompt, suffix)];
}

function answerItems(request, prompt, suffix) {
  const tools = [...allTools(request)].map(([tool, , namespace]) => ({ ...tool, namespace }));
  const callable = tools.filter(({ type }) => type === 'function' || type === 'custom');
  if (/tool/i.test(prompt) && callable.length > 0) return calls(callable, suffix);
  const isImage = tools.some(({ type }) => type === 'image_generation');
  if (/image/i.test(prompt) && isImage) return [image(suffix)];
  const isJson = request.text?.format?.type === 'json_schema';
  return [message(isJson ? ['{"ok"', ':true}'] : TEXT, suffix)];
}

/** The last item that says something: today's models may be sent a new effort after it. */
export function lastOf(input) {
  return input.findLast(({ type }) => type !== 'configuration_update') ?? {};
}

/** The text of the last item, where that is a user's message. */
export function promptOf(input) {
  const { role, content } = lastOf(input);
  if (role !== 'user') return '';
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');
}

/** Two calls: of the first two tools, or of the only one. */
function calls([first, second = first], suffix) {
  return [call(first, 'a', '{"q":1}', suffix), call(second, 'b', '{"q":2}', suffix)];
}

function call({ type, name, namespace }, letter, given, suffix) {
  const own = { call_id: `call_${letter}`, name, ...(namespace === undefined ? {} : { namespace }) };
  if (type === 'custom') return { id: `ctc_${letter}_${suffix}`, type: 'custom_tool_call', ...own, input: given };
  return { id: `fc_${letter}_${suffix}`, type: 'function_call', ...own, arguments: given };
}

/** A conversation that was compacted; only the backend can read it. */
export function compaction(responseId) {
  return { id: `cmp_${responseId.slice('resp_'.length)}`, type: 'compaction', encrypted_content: 'gAAAAABzdHJpY3Q=' };
}

function image(suffix) {
  const own = { output_format: 'png', quality: 'low', size: '1024x1024' };
  return { id: `ig_${suffix}`, type: 'image_generation_call', ...own, result: PNG };
}

/** A thought, of which only the backend can read the whole. */
export function thought(text, suffix) {
  const summary = [{ type: 'summary_text', text }];
  const encrypted = `gAAAAAB${Buffer.from(suffix).toString('base64')}`;
  return { id: `rs_${suffix}`, type: 'reasoning', summary, encrypted_content: encrypted };
}

/** A message that comes in these pieces. */
export function message(texts, suffix) {
  return { id: `msg_${suffix}`, type: 'message', role: 'assistant', content: texts };
}

/** How an item comes: what it begins as, the events of its content, what it ends as. */
const ITEMS = {
  message: ({ content }, place) => {
    const [part, of] = [textPart(content.join('')), { ...place, content_index: 0 }];
    return {
      empty: { content: [] },
      full: { content: [part] },
      events: [
        { type: 'response.content_part.added', ...of, part: textPart('') },
        ...content.map((delta) => ({ type: 'response.output_text.delta', ...of, delta, logprobs: [] })),
        { type: 'response.output_text.done', ...of, text: part.text, logprobs: [] },
        { type: 'response.content_part.done', ...of, part },
      ],
    };
  },
  function_call: (item, place) => argument(item, place, 'arguments', 'response.function_call_arguments'),
  custom_tool_call: (item, place) => argument(item, place, 'input', 'response.custom_tool_call_input'),
  reasoning: ({ summary }, place) => {
    const of = { ...place, summary_index: 0 };
    return {
      empty: { summary: [], encrypted_content: '' },
      full: { summary },
      events: summary.flatMap((part) => [
        { type: 'response.reasoning_summary_part.added', ...of, part: { ...part, text: '' } },
        { type: 'response.reasoning_summary_text.delta', ...of, delta: part.text },
        { type: 'response.reasoning_summary_text.done', ...of, text: part.text },
        { type: 'response.reasoning_summary_part.done', ...of, part },
      ]),
    };
  },
  compaction: () => ({ empty: {}, full: {}, events: [] }),
  image_generation_call: ({ result }, place) => ({
    empty: { result: null },
    full: { result },
    events: ['in_progress', 'generating', 'completed'].map((state) => {
      return { type: `response.image_generation_call.${state}`, ...place };
    }),
  }),
};

function textPart(text) {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

/** The arguments or the input of a call, in two deltas. */
function argument(item, place, member, name) {
  const given = item[member];
  const deltas = [given.slice(0, 3), given.slice(3)];
  return {
    empty: { [member]: '' },
    full: { [member]: given },
    events: [
      ...deltas.map((delta) => ({ type: `${name}.delta`, ...place, delta })),
      { type: `${name}.done`, ...place, [member]: given },
    ],
  };
}

function eventsOfItem(item, index) {
  const { empty, full, events } = ITEMS[item.type](item, { item_id: item.id, output_index: index });
  const begun = { ...item, ...empty, status: 'in_progress' };
  return [
    { type: 'response.output_item.added', output_index: index, item: begun },
    ...events,
    { type: 'response.output_item.done', output_index: index, item: { ...item, ...full, status: 'completed' } },
  ];
}
