// What the ChatGPT Codex backend refuses. Input: a request. Output: null, or the status and body it answers.
// Wordings are the backend's own as its users report them; where none is reported, the API's for such a fault.
// Every rule is a generator of refusals: the first refusal of the first rule that has one is the answer.
import { detail, invalid, missing, notOneOf, wrongType } from './strict-errors.mjs';
import { ITEM_RULES, isObject } from './strict-items.mjs';
import { TOOL_RULES } from './strict-tools.mjs';

/** Models that the backend routes over WebSocket alone. */
export const WEBSOCKET_MODELS = new Set(['ws-only-model']);

/**
 * Null, or the `{status, body}` that refuses this request: its text (string or Buffer), or what that parses to.
 * `transport` is `http` or `websocket`.
 */
export function check(body, { transport = 'http', websocketModels = WEBSOCKET_MODELS } = {}) {
  const { request, refusal } = read(body);
  if (refusal !== null) return refusal;
  return ruleFor(request, { transport, websocketModels })?.refusal ?? null;
}

/** The rule that refuses a request, with its refusal; null for none. */
export function ruleFor(request, context) {
  for (const rule of RULES) {
    const [refusal] = rule(request, context);
    if (refusal !== undefined) return { rule, refusal };
  }
  return null;
}

function read(body) {
  let request = body;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    try {
      request = JSON.parse(body.toString());
    } catch {
      return { refusal: invalid(NOT_JSON, null) };
    }
  }
  return isObject(request) ? { request, refusal: null } : { refusal: detail([NOT_AN_OBJECT]) };
}

const NOT_JSON =
  'We could not parse the JSON body of your request. The OpenAI API expects a JSON payload, ' +
  'but what was sent was not valid JSON.';
const NOT_AN_OBJECT = { type: 'dict_type', loc: ['body'], msg: 'Input should be a valid dictionary' };

/** The members the gateway lets through; a WebSocket frame may have some more. */
const PARAMETERS = new Set([
  'model', 'instructions', 'input', 'tools', 'tool_choice', 'parallel_tool_calls', 'reasoning', 'store', 'stream',
  'stream_options', 'include', 'service_tier', 'prompt_cache_key', 'text', 'client_metadata',
]);
const WEBSOCKET_PARAMETERS = new Set(['type', 'previous_response_id', 'generate']);

const INCLUDES = [
  'file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources',
  'message.input_image.image_url', 'computer_call_output.output.image_url', 'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
];
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

function* frameType({ type }, { transport }) {
  if (transport !== 'websocket' || type === 'response.create') return;
  yield type === undefined ? missing('type') : notOneOf(type, ['response.create'], 'type');
}

function* model({ model }, { transport, websocketModels }) {
  if (model === undefined) yield missing('model');
  else if (typeof model !== 'string') yield wrongType('model', 'a string', model);
  if (transport === 'http' && websocketModels.has(model)) {
    yield invalid(`${model} routing only supports Responses-compatible requests`, null, 'routing_unsupported');
  }
}

function* instructions(request, { transport }) {
  const { instructions } = request;
  const isGiven = typeof instructions === 'string' && instructions.trim() !== '';
  const isNeeded = instructions !== undefined || !isToldOtherwise(request, transport);
  if (!isGiven && isNeeded && !isLite(request, transport)) yield detail('Instructions are required');
}

/** Codex 0.171 sends the prompt of most models as the first message; a further frame has it in what it goes on from. */
function isToldOtherwise({ input, previous_response_id: previous }, transport) {
  return list(input)[0]?.role === 'developer' || (transport === 'websocket' && previous !== undefined);
}

/**
 * The instructions of a Lite request are a message after the item with its tools. A frame is marked as well:
 * Codex warms up with neither, and sends no tools again after a previous response.
 */
function isLite({ input, client_metadata: metadata }, transport) {
  if (list(input).some((item) => item?.type === 'additional_tools')) return true;
  return transport === 'websocket' && metadata?.[LITE] === 'true';
}

const LITE = 'ws_request_header_x_openai_internal_codex_responses_lite';

function* store({ store }) {
  if (store !== false) yield detail('Store must be set to false');
}

/** On a WebSocket the member means nothing, but Codex sends it. */
function* stream({ stream }, { transport }) {
  const isImplied = transport === 'websocket' && stream === undefined;
  if (stream !== true && !isImplied) yield detail('Stream must be set to true');
}

function* parameters(request, { transport }) {
  const isTaken = (name) => PARAMETERS.has(name) || (transport === 'websocket' && WEBSOCKET_PARAMETERS.has(name));
  for (const name of Object.keys(request)) if (!isTaken(name)) yield unsupported(name);
}

function* streamOptions({ stream_options: options }) {
  for (const name of Object.keys(options ?? {})) {
    if (name !== 'reasoning_summary_delivery') yield unsupported(`stream_options.${name}`);
  }
}

/** The API takes this one member of a content part; the gateway for subscriptions does not. */
function* cacheBreakpoints({ input }) {
  for (const item of list(input)) {
    for (const part of [...list(item?.content), ...list(item?.output)]) {
      if (isObject(part) && 'prompt_cache_breakpoint' in part) yield unsupported('prompt_cache_breakpoint');
    }
  }
}

function unsupported(name) {
  return detail(`Unsupported parameter: ${name}`);
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

function* serviceTier({ service_tier: tier }) {
  if (tier !== undefined && tier !== 'priority') yield detail(`Unsupported service_tier: ${tier}`);
}

function* effort({ reasoning }) {
  const effort = reasoning?.effort ?? 'none';
  if (!EFFORTS.includes(effort)) yield notOneOf(effort, EFFORTS, 'reasoning.effort');
}

function* include({ include = [] }) {
  if (!Array.isArray(include)) yield wrongType('include', 'an array of strings', include);
  for (const [at, name] of list(include).entries()) {
    if (!INCLUDES.includes(name)) yield notOneOf(name, INCLUDES, `include[${at}]`);
  }
}

function* inputIsList({ input }) {
  if (!Array.isArray(input)) yield detail('Input must be a list');
}

/** A warm-up may have no input, nor need there be more after a previous response. */
function* inputIsGiven({ input, previous_response_id: previous, generate }) {
  if (input.length > 0 || previous !== undefined || generate === false) return;
  const wording = `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`;
  yield invalid(wording, 'input', 'missing_required_parameter');
}

/** In this order: a rule may rely on what those before it let through. */
export const RULES = [
  frameType, model, instructions, store, stream, parameters, streamOptions, cacheBreakpoints, serviceTier,
  inputIsList, inputIsGiven, ...ITEM_RULES, ...TOOL_RULES, include, effort,
];
