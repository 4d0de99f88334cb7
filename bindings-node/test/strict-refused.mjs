// Requests that the strict backend refuses, one or more per rule, with the body of each refusal.
import { FRAME, LEAST, LITE, LONG, but, call, custom, extra, f, of } from './strict-cases.mjs';
import { answered, image, output, reasoning, messageOf, search, space, text, user } from './strict-cases.mjs';

/** Errors of the gateway. */
const detail = (wording) => ({ detail: wording });
const unsupported = (name) => detail(`Unsupported parameter: ${name}`);
/** Errors of the API. */
const error = (message, param, code = null) => ({ error: { message, type: 'invalid_request_error', param, code } });
const missing = (path) => error(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter');
const unknown = (path) => error(`Unknown parameter: '${path}'.`, path, 'unknown_parameter');
const value = (path, was, supported) =>
  error(`Invalid value: '${was}'. Supported values are: ${supported}.`, path, 'invalid_value');
const kind = (path, wording) => error(`Invalid type for '${path}': expected ${wording} instead.`, path, 'invalid_type');
const begins = (path, id, prefix) =>
  error(`Invalid '${path}': '${id}'. Expected an ID that begins with '${prefix}'.`, path, 'invalid_value');
const string = (path, wording, expected, code) =>
  error(`Invalid '${path}': ${wording}. Expected a string ${expected}.`, path, code);
const TOO_LONG = 'with maximum length 64, but got a string with length 65 instead';
const EMPTY = 'with minimum length 1, but got an empty string instead';
const long = (path) => string(path, 'string too long', TOO_LONG, 'string_above_max_length');
const empty = (path) => string(path, 'empty string', EMPTY, 'empty_string');
const pattern = (path, allowed = '^[a-zA-Z0-9_-]+$') =>
  string(path, 'string does not match pattern', `that matches the pattern '${allowed}'`, 'invalid_value');
const choice = (name) => error(`Tool choice '${name}' not found in 'tools' parameter.`, 'tool_choice');
const notKept = (id) =>
  error(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. ` +
      'Try again with `store` set to true, or remove this item from your input.',
    'input',
  );
const unverified = (what) => {
  const why = 'Reason: Encrypted content could not be decrypted or parsed.';
  return error(`The encrypted content ${what} could not be verified. ${why}`, null, 'invalid_encrypted_content');
};
const NO_CALL = error('No tool call found for function call output with call_id call_1.', 'input');
const noOutput = (what) => error(`No tool output found for ${what} call_1.`, 'input');
const NO_INPUT = error(
  `One of "input" or "previous_response_id" or 'prompt' or 'conversation_id' must be provided.`,
  'input',
  'missing_required_parameter',
);
const NO_OBJECT = detail([{ type: 'dict_type', loc: ['body'], msg: 'Input should be a valid dictionary' }]);
const NO_HTTP = 'ws-only-model routing only supports Responses-compatible requests';
const INCLUDES =
  `'file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources', ` +
  `'message.input_image.image_url', 'computer_call_output.output.image_url', 'code_interpreter_call.outputs', ` +
  `and 'reasoning.encrypted_content'`;
const EFFORTS = `'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'`;
const ROLES = `'assistant', 'system', 'developer', and 'user'`;
const MADE = `'output_text' and 'refusal'`;
const GIVEN = `'input_text', 'input_image', and 'input_file'`;
const NO_STREAM = detail('Stream must be set to true');
const noTier = (tier) => detail(`Unsupported service_tier: ${tier}`);
const CONTENT = 'one of an array of objects or string';

const cached = { ...text, prompt_cache_breakpoint: { mode: 'explicit' } };
const encrypted = (content) => ({ ...reasoning, encrypted_content: content });
const tools = (...tools) => but({ tools });
const choosing = (choice, ...more) => but({ tools: [f, ...more], tool_choice: choice });
const HOSTED = { type: 'web_search' };
const ALLOWED = { type: 'allowed_tools', mode: 'auto', tools: [f, HOSTED] };
const PREVIEWS = ['web_search_preview', 'web_search_preview_2025_03_11'];
const LOGPROBS = 'message.output_text.logprobs';
const PART = 'input[0].content[0]';
const OUT = 'input[1].output[0]';
const nested = { ...image, image_url: { url: image.image_url } };
const chatImage = { type: 'image_url', image_url: { url: image.image_url } };
const marked = { ...text, cache_control: { type: 'ephemeral' } };

/** Parameters that other backends take. */
const PARAMETERS = [
  'max_output_tokens', 'max_completion_tokens', 'max_tokens', 'temperature', 'top_p', 'top_k', 'top_logprobs',
  'logprobs', 'metadata', 'user', 'truncation', 'context_management', 'prompt_cache_options', 'prompt_cache_retention',
  'safety_identifier', 'stop', 'seed', 'n', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'background',
  'max_tool_calls', 'moderation', 'conversation', 'prompt', 'messages', 'previous_response_id', 'generate', 'type',
];

/** `[what, request, body of the refusal, transport?]` */
export const REFUSED = [
  ['an array', [], NO_OBJECT],
  ['no model', but({ model: undefined }), missing('model')],
  ['a model that is no string', but({ model: 5 }), kind('model', 'a string, but got a number')],
  ['a WebSocket model over HTTP', but({ model: 'ws-only-model' }), error(NO_HTTP, null, 'routing_unsupported')],
  ['a frame of no type', LEAST, missing('type'), 'websocket'],
  ['a frame of another type', but({ type: 'ping' }), value('type', 'ping', `'response.create'`), 'websocket'],
  ['instructions undefined', but({ instructions: undefined }), detail('Instructions are required')],
  ['instructions null', but({ instructions: null }), detail('Instructions are required')],
  ['the mark of a Lite frame over HTTP', but(LITE), detail('Instructions are required')],
  ['instructions blank', but({ instructions: ' \n' }), detail('Instructions are required')],
  ...[undefined, null, true].map((store) => [`store ${store}`, but({ store }), detail('Store must be set to false')]),
  ...[undefined, null, false].map((stream) => [`stream ${stream}`, but({ stream }), NO_STREAM]),
  ['stream false in a frame', { ...FRAME, stream: false }, NO_STREAM, 'websocket'],
  ...PARAMETERS.map((name) => [name, but({ [name]: 1 }), unsupported(name)]),
  ['temperature in a frame', { ...FRAME, temperature: 1 }, unsupported('temperature'), 'websocket'],
  ['usage', but({ stream_options: { include_usage: true } }), unsupported('stream_options.include_usage')],
  ['a cache breakpoint', of(messageOf('user', [cached])), unsupported('prompt_cache_breakpoint')],
  ['a cached output', of(call, { ...output, output: [cached] }), unsupported('prompt_cache_breakpoint')],
  ...['fast', 'auto', null].map((tier) => [`tier ${tier}`, but({ service_tier: tier }), noTier(tier)]),
  ['ultra effort', but({ reasoning: { effort: 'ultra' } }), value('reasoning.effort', 'ultra', EFFORTS)],
  ['logprobs', but({ include: [LOGPROBS] }), value('include[0]', LOGPROBS, INCLUDES)],
  ['include that is no list', but({ include: 'x' }), kind('include', 'an array of strings, but got a string')],

  ['input as a string', but({ input: 'Hi' }), detail('Input must be a list')],
  ['no input', but({ input: undefined }), detail('Input must be a list')],
  ['empty input', of(), NO_INPUT],
  ['a bare string in input', of('Hi'), kind('input[0]', 'an object, but got a string')],
  ['a system message', of(user('Hi'), messageOf('system', 'x')), detail('System messages are not allowed')],
  ['a bare system message', of({ role: 'system', content: 'x' }), detail('System messages are not allowed')],
  ['role tool', of({ role: 'tool', content: 'x' }), value('input[0]', 'tool', ROLES)],
  ['no role', of({ type: 'message', content: 'x' }), missing('input[0].role')],
  ['tool_calls', of(user('Hi'), messageOf('assistant', '', { tool_calls: [] })), unknown('input[1].tool_calls')],
  ['reasoning_content', of(messageOf('assistant', 'x', { reasoning_content: 'y' })), unknown('input[0].reasoning_content')],
  ['null content', of(messageOf('assistant', null)), kind('input[0].content', `${CONTENT}, but got null`)],
  ['no content', of({ role: 'user' }), missing('input[0].content')],
  ['a bare string in content', of(messageOf('user', ['Hi'])), kind('input[0].content[0]', 'an object, but got a string')],
  ['input_text of the assistant', of(messageOf('assistant', [text])), value(PART, 'input_text', MADE)],
  ['text of the user', of(messageOf('user', [{ ...text, type: 'text' }])), value(PART, 'text', GIVEN)],
  ['output_text of the developer', of(messageOf('developer', [answered])), value(PART, 'output_text', GIVEN)],
  ['a text part without text', of(messageOf('user', [{ type: 'input_text' }])), missing(`${PART}.text`)],
  ['an image in an object', of(messageOf('user', [nested])), kind(`${PART}.image_url`, 'a string, but got an object')],
  ['a part with a mark of another cache', of(messageOf('user', [marked])), unknown(`${PART}.cache_control`)],
  ['a parsed answer', of(messageOf('assistant', [{ ...answered, parsed: {} }])), unknown(`${PART}.parsed`)],
  ['a chat image as output', of(call, { ...output, output: [chatImage] }), value(OUT, 'image_url', GIVEN)],
  ['an output in an object', of(call, { ...output, output: {} }), kind('input[1].output', `${CONTENT}, but got an object`)],
  ['a parsed call', of({ ...call, parsed_arguments: {} }, output), unknown('input[0].parsed_arguments')],
  ['an error of another vendor', of(call, { ...output, is_error: true }), unknown('input[1].is_error')],
  ['arguments as an object', of({ ...call, arguments: {} }), kind('input[0].arguments', 'a string, but got an object')],
  ['no call_id', of(call, { ...output, call_id: undefined }), missing('input[1].call_id')],
  ['a foreign id', of(user('Hi'), { ...call, id: 'call_1' }, output), begins('input[1].id', 'call_1', 'fc')],
  ['the id of a call on its output', of(call, { ...output, id: 'fc_1' }), begins('input[1].id', 'fc_1', 'fco')],
  ['the id of a function call on a custom one', of({ ...custom, id: 'fc_1' }), begins('input[0].id', 'fc_1', 'ctc')],
  ['the id of a message', of({ ...user('Hi'), id: 'item_1' }), begins('input[0].id', 'item_1', 'msg')],
  ['the id of reasoning', of({ ...reasoning, id: 'item_1' }), begins('input[0].id', 'item_1', 'rs')],
  ['a prefix alone', of({ ...reasoning, id: 'rs_' }), begins('input[0].id', 'rs_', 'rs')],
  ['an empty id', of({ ...user('Hi'), id: '' }), empty('input[0].id')],
  ['a number as id', of({ ...user('Hi'), id: 1 }), kind('input[0].id', 'a string, but got a number')],
  ['a long id', of({ ...user('Hi'), id: `msg_${LONG.slice(4)}` }), long('input[0].id')],
  ['a long call_id', of({ ...call, call_id: LONG }, { ...output, call_id: LONG }), long('input[0].call_id')],
  ['an item_reference', of(user('Hi'), { type: 'item_reference', id: 'msg_1' }), notKept('msg_1')],
  ['reasoning that is not encrypted', of({ ...reasoning, encrypted_content: null }, user('Hi')), notKept('rs_1')],
  ['blank reasoning', of({ ...encrypted(' '), id: undefined }), missing('input[0].encrypted_content')],
  ['reasoning with a status', of({ ...reasoning, status: 'completed' }), unknown('input[0].status')],
  ['reasoning without summary', of({ ...reasoning, summary: undefined }), missing('input[0].summary')],
  ['reasoning of another account', of(encrypted('BAD')), unverified('for item rs_1')],
  ['the same without id', of({ ...encrypted('BADgAAArest'), id: undefined }), unverified('BADg...rest')],
  ['an output without call', of(output), NO_CALL],
  ['an output before its call', of(output, call), NO_CALL],
  ['an output of another kind', of(custom, output), NO_CALL],
  ['a call without output', of(call), noOutput('function call')],
  ['a custom call without output', of(custom), noOutput('custom tool call')],
  ['a search of the client without output', of(search), noOutput('tool search call')],
  ['a call without output in a frame', { ...FRAME, input: [call] }, noOutput('function call'), 'websocket'],

  ['tools that are no list', but({ tools: {} }), kind('tools', 'an array of objects, but got an object')],
  ['a tool of chat', tools({ type: 'function', function: { name: 'f' } }), missing('tools[0].name')],
  ['a tool of no type', tools({ name: 'f' }), missing('tools[0].type')],
  ['a tool that is no object', tools('f'), kind('tools[0]', 'an object, but got a string')],
  ...PREVIEWS.map((type) => [type, tools({ type }), detail(`Unsupported tool type: ${type}`)]),
  ['a long name', tools({ ...f, name: LONG }), long('tools[0].name')],
  ['a name with a dot', tools({ type: 'custom', name: 'a.b' }), pattern('tools[0].name')],
  ['a long name in a namespace', tools(f, { ...space, tools: [{ ...f, name: LONG }] }), long('tools[1].tools[0].name')],
  ['a long name in additional_tools', of({ ...extra, tools: [{ ...f, name: LONG }] }), long('input[0].tools[0].name')],
  ['a long name in the history', of({ ...call, name: LONG }, output), long('input[0].name')],
  ['a slash in the history', of({ ...call, name: 'a/b' }, output), pattern('input[0].name', '^[a-zA-Z0-9_.-]+$')],
  ['a long name as choice', choosing({ type: 'function', name: LONG }), long('tool_choice.name')],
  ['a bare name as choice', choosing('f'), value('tool_choice', 'f', `'none', 'auto', and 'required'`)],
  ['the choice of chat', choosing({ type: 'function', function: { name: 'f' } }), missing('tool_choice.name')],
  ['null as choice', choosing(null), kind('tool_choice', 'an object, but got null')],
  ['a choice that is not declared', choosing({ type: 'function', name: 'g' }), choice('g')],
  ['a hosted choice', choosing({ type: 'image_generation' }, { type: 'image_generation' }), choice('image_generation')],
  ['a hosted choice among others', choosing(ALLOWED, HOSTED), choice('web_search')],
];

/** Where the refusal has another status than 400. */
export const STATUSES = new Map([['an item_reference', 404], ['reasoning that is not encrypted', 404]]);

