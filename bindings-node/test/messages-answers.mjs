// What the Messages server answers. Input: a request that it takes, and what to say. Output: events, or a Message; which
// models fail by name. State: none but the key of its signatures.
import { createHmac } from 'node:crypto';
import { list } from './messages-errors.mjs';

export const TEXT = 'Hello from the Messages server.';

const KEY = 'of this server alone';

/** Of base64 like the API's, and valid only as it is. */
export function signatureOf(seed) {
  const mac = createHmac('sha256', KEY).update(seed).digest('base64');
  return Buffer.from(`${seed}.${mac}`).toString('base64');
}

export function isSigned(signature) {
  if (typeof signature !== 'string' || signature === '') return false;
  const [seed] = Buffer.from(signature, 'base64').toString().split('.');
  return signatureOf(seed) === signature;
}

/** By names of models: what fails, and how. */
const FAILURES = {
  'fail-400': { status: 400, message: 'messages: this is refused.' },
  'fail-401': { status: 401, message: 'invalid x-api-key' },
  'fail-404': { status: 404, message: 'model: fail-404' },
  'fail-429': { status: 429, message: 'Slow down.', headers: { 'retry-after': '7' } },
  'fail-500': { status: 500, message: 'Internal server error' },
  'fail-529': { status: 529, message: 'Overloaded' },
  'fail-too-long': { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
  'fail-late': { text: TEXT, late: 'overloaded_error' },
  cut: { text: TEXT, isCut: true },
  endless: { text: TEXT, isEndless: true },
  'slow-model': { text: TEXT, delayMs: 150 },
};

/** What is said where a test does not: thinking if asked, each tool once, then what came of it. */
export function scripted(request) {
  const failure = FAILURES[request.model];
  if (failure !== undefined) return failure;
  const isThinking = ['enabled', 'adaptive'].includes(request.thinking?.type);
  const results = resultsIn(request);
  const calls = results.length > 0 ? [] : callsOf(request);
  return { thinking: isThinking ? 'Let me think.' : undefined, text: textOf(request, results, calls), calls };
}

function textOf(request, results, calls) {
  if (request.output_config?.format) return JSON.stringify(exampleOf(request.output_config.format.schema));
  if (results.length > 0) return `The tools gave ${results.join(' and ')}.`;
  if (calls.length > 0) return undefined;
  const images = list(request.messages.at(-1).content).filter(({ type }) => type === 'image').length;
  return images > 0 ? `I see ${images} image${images > 1 ? 's' : ''}.` : TEXT;
}

function resultsIn({ messages }) {
  const results = list(messages.at(-1).content).filter(({ type }) => type === 'tool_result');
  return results.map(({ content = '' }) => (typeof content === 'string' ? content : content.map(({ text }) => text).join('')));
}

function callsOf({ tools = [], tool_choice: choice = {} }) {
  if (choice.type === 'none') return [];
  const named = choice.type === 'tool' ? tools.filter(({ name }) => name === choice.name) : tools;
  const own = named.filter((tool) => tool.input_schema !== undefined && !tool.defer_loading);
  const called = choice.disable_parallel_tool_use ? own.slice(0, 1) : own;
  return called.map(({ name, input_schema: schema }) => [name, exampleOf(schema)]);
}

const EXAMPLES = { string: 'Oslo', integer: 7, number: 7.5, boolean: true, null: null };

/** Something that a schema takes. */
export function exampleOf(schema = {}) {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return exampleOf(schema.anyOf[0]);
  if (schema.type === 'array') return [exampleOf(schema.items)];
  if (schema.type !== 'object') return EXAMPLES[schema.type] ?? 'Oslo';
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, exampleOf(inner)]));
}

const COUNTS = { input_tokens: 12, cache_creation_input_tokens: 2, cache_read_input_tokens: 4 };
const USAGE = {
  ...COUNTS, cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 0 }, output_tokens_details: null,
  server_tool_use: null, service_tier: 'standard', inference_geo: 'not_available',
};
const OUTPUT_TOKENS = 7;

/** The blocks of an answer; `nth` makes their ids this answer's own. */
function blocksOf({ thinking, redacted, text, calls = [] }, nth) {
  const blocks = [];
  if (thinking !== undefined) blocks.push({ type: 'thinking', thinking, signature: signatureOf(`thought ${nth}`) });
  if (redacted) blocks.push({ type: 'redacted_thinking', data: signatureOf(`redacted ${nth}`) });
  if (text !== undefined) blocks.push({ type: 'text', text, citations: null });
  for (const [at, [name, input]] of calls.entries()) {
    blocks.push({ type: 'tool_use', id: `toolu_${nth}${'abcdefgh'[at]}`, name, input, caller: { type: 'direct' } });
  }
  return blocks;
}

function headOf({ model }, nth) {
  const ending = { stop_reason: null, stop_sequence: null, stop_details: null, container: null };
  const usage = { ...USAGE, output_tokens: 1 };
  return { model, id: `msg_strict_${nth}`, type: 'message', role: 'assistant', content: [], ...ending, usage };
}

function endingOf({ calls = [], stop, stopSequence = null }) {
  const reason = stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn');
  return { stop_reason: reason, stop_sequence: stopSequence };
}

/** The whole of an answer to `stream: false`. */
export function messageOf(request, answer, nth) {
  const usage = { ...USAGE, output_tokens: OUTPUT_TOKENS };
  return { ...headOf(request, nth), content: blocksOf(answer, nth), ...endingOf(answer), usage };
}

const OVERLOADED = 'Overloaded';

/** The events of a stream, with a ping where the API has it. */
export function* eventsOf(request, answer, nth) {
  yield { type: 'message_start', message: headOf(request, nth) };
  for (const [index, block] of blocksOf(answer, nth).entries()) {
    yield { type: 'content_block_start', index, content_block: startOf(block) };
    if (index === 0) yield { type: 'ping' };
    for (const delta of deltasOf(block)) yield { type: 'content_block_delta', index, delta };
    if (answer.late !== undefined) {
      return yield { type: 'error', error: { type: answer.late, message: answer.message ?? OVERLOADED } };
    }
    if (answer.isCut) return;
    while (answer.isEndless) yield { type: 'content_block_delta', index, delta: { type: 'text_delta', text: 'more '.repeat(200) } };
    yield { type: 'content_block_stop', index };
  }
  yield { type: 'message_delta', delta: endingOf(answer), usage: { ...COUNTS, output_tokens: OUTPUT_TOKENS } };
  yield { type: 'message_stop' };
}

/** What deltas bring is empty at first. */
function startOf(block) {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  return block.type === 'tool_use' ? { ...block, input: {} } : block;
}

/** Words of text; arguments in pieces of three signs, after an empty one. */
function* deltasOf({ type, text, thinking, signature, input }) {
  for (const piece of pieces(text)) yield { type: 'text_delta', text: piece };
  for (const piece of pieces(thinking)) yield { type: 'thinking_delta', thinking: piece };
  if (type === 'thinking') yield { type: 'signature_delta', signature };
  if (type !== 'tool_use') return;
  const given = Object.keys(input).length > 0 ? JSON.stringify(input) : '';
  for (const piece of ['', ...(given.match(/.{1,3}/gsu) ?? [])]) yield { type: 'input_json_delta', partial_json: piece };
}

const pieces = (text) => text?.match(/\s*\S+\s*$|\s*\S+/g) ?? [];

/** As the API has it: some of the data is padded. */
export function frameOf(event) {
  const data = JSON.stringify(event);
  const padded = data.length % 3 === 0 ? `${data.slice(0, -1)}    }` : data;
  return `event: ${event.type}\ndata: ${padded}\n\n`;
}
