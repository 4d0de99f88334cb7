// What the Codex backend refuses in `input`, which is a list here: items, ids, histories. See strict-rules.mjs.
import { detail, invalid, missing, notOneOf, unknown, wrongLength, wrongType } from './strict-errors.mjs';

/**
 * The item types, each with how its id begins; null: any id.
 * An id is held to `<prefix>_` and more, as Codex holds its own, although the API is content with the letters.
 */
const ITEMS = {
  additional_tools: 'at',
  agent_message: 'amsg',
  apply_patch_call: null,
  apply_patch_call_output: null,
  code_interpreter_call: null,
  compaction: 'cmp',
  compaction_summary: 'cmp',
  compaction_trigger: null,
  computer_call: null,
  computer_call_output: null,
  configuration_update: null,
  context_compaction: 'cmp',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  file_search_call: null,
  function_call: 'fc',
  function_call_output: 'fco',
  image_generation_call: 'ig',
  item_reference: null,
  local_shell_call: 'lsh',
  local_shell_call_output: null,
  mcp_approval_request: null,
  mcp_approval_response: null,
  mcp_call: null,
  mcp_list_tools: null,
  message: 'msg',
  program: null,
  program_output: null,
  reasoning: 'rs',
  shell_call: null,
  shell_call_output: null,
  tool_search_call: 'tsc',
  tool_search_output: 'tso',
  web_search_call: 'ws',
};

/** Members that have to be there, with the types they may have. */
const STRING = ['string'];
const OUTPUT = ['string', 'array'];
const REQUIRED = {
  additional_tools: { tools: ['array'] },
  custom_tool_call: { call_id: STRING, name: STRING, input: STRING },
  custom_tool_call_output: { call_id: STRING, output: OUTPUT },
  function_call: { call_id: STRING, name: STRING, arguments: STRING },
  function_call_output: { call_id: STRING, output: OUTPUT },
  message: { content: OUTPUT },
  reasoning: { summary: ['array'] },
  tool_search_call: { arguments: ['object'] },
  tool_search_output: { tools: ['array'] },
};
const EXPECTED = { string: 'a string', array: 'an array of objects', object: 'an object' };

const ROLES = ['assistant', 'system', 'developer', 'user'];
const GIVEN_PARTS = ['input_text', 'input_image', 'input_file'];
const PARTS = { assistant: ['output_text', 'refusal'], developer: GIVEN_PARTS, user: GIVEN_PARTS };

/** What each part has to have. */
const PART_MEMBERS = { input_text: 'text', output_text: 'text', refusal: 'refusal' };

/** What chat messages, answers and other vendors' items have, and these items have not. */
const FOREIGN_MEMBERS = [
  'tool_calls', 'function_call', 'tool_call_id', 'toolCallId', 'reasoning_content', 'reasoning_details',
  'thinking_blocks', 'cache_control', 'created_by', 'is_error', 'parsed', 'parsed_arguments', 'response_id', 'usage',
];

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(item) {
  return item.type ?? 'message';
}

/** A rule about one item, as one about all. */
function each(rule) {
  return function* all({ input }) {
    for (const [at, item] of input.entries()) yield* rule(item, `input[${at}]`);
  };
}

function* systemRole(item) {
  if (isObject(item) && typeOf(item) === 'message' && item.role === 'system') {
    yield detail('System messages are not allowed');
  }
}

function* shape(item, path) {
  if (!isObject(item)) yield wrongType(path, 'an object', item);
}

function* type(item, path) {
  if (!Object.hasOwn(ITEMS, typeOf(item))) yield notOneOf(item.type, Object.keys(ITEMS), path);
}

function* role(item, path) {
  if (typeOf(item) !== 'message') return;
  if (item.role === undefined) yield missing(`${path}.role`);
  else if (!ROLES.includes(item.role)) yield notOneOf(item.role, ROLES, path);
}

function* foreignMembers(item, path) {
  for (const name of FOREIGN_MEMBERS) if (name in item) yield unknown(`${path}.${name}`);
}

function* required(item, path) {
  for (const [name, types] of Object.entries(REQUIRED[typeOf(item)] ?? {})) {
    const value = item[name];
    const given = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    if (value === undefined) yield missing(`${path}.${name}`);
    else if (!types.includes(given)) yield wrongType(`${path}.${name}`, expected(types), value);
  }
}

function expected(types) {
  return types.length === 1 ? EXPECTED[types[0]] : 'one of an array of objects or string';
}

function* contentParts(item, path) {
  if (typeOf(item) === 'message') yield* parts(item.content, PARTS[item.role], `${path}.content`);
}

function* outputParts(item, path) {
  const isText = ['function_call_output', 'custom_tool_call_output'].includes(typeOf(item));
  if (isText) yield* parts(item.output, GIVEN_PARTS, `${path}.output`);
}

function* parts(list, supported, path) {
  if (!Array.isArray(list)) return;
  for (const [at, part] of list.entries()) yield* onePart(part, supported, `${path}[${at}]`);
}

function* onePart(part, supported, path) {
  if (!isObject(part)) return yield wrongType(path, 'an object', part);
  if (!supported.includes(part.type)) return yield notOneOf(part.type, supported, path);
  const name = PART_MEMBERS[part.type];
  if (name !== undefined && part[name] === undefined) yield missing(`${path}.${name}`);
  for (const key of [name, 'image_url'].filter((own) => typeof (part[own] ?? '') !== 'string')) {
    yield wrongType(`${path}.${key}`, 'a string', part[key]);
  }
  yield* foreignMembers(part, path);
}

function* id(item, path) {
  const { id } = item;
  if (id === undefined || id === null) return;
  if (typeof id !== 'string') return yield wrongType(`${path}.id`, 'a string', id);
  yield* wrongLength(`${path}.id`, id);
  const prefix = ITEMS[typeOf(item)];
  if (prefix === null || (id.startsWith(`${prefix}_`) && id.length > prefix.length + 1)) return;
  const wording = `Invalid '${path}.id': '${id}'. Expected an ID that begins with '${prefix}'.`;
  yield invalid(wording, `${path}.id`, 'invalid_value');
}

function* callId({ call_id: callId }, path) {
  if (typeof callId === 'string') yield* wrongLength(`${path}.call_id`, callId);
}

function* reference(item) {
  if (typeOf(item) === 'item_reference') yield notPersisted(item.id);
}

/** What the backend keeps nothing of has to come whole. */
function* reasoning(item, path) {
  if (typeOf(item) !== 'reasoning') return;
  if ('status' in item) yield unknown(`${path}.status`);
  const { encrypted_content: content } = item;
  if (typeof content === 'string' && content.trim() !== '') return;
  yield typeof item.id === 'string' ? notPersisted(item.id) : missing(`${path}.encrypted_content`);
}

function notPersisted(id) {
  const remedy = 'Try again with `store` set to true, or remove this item from your input.';
  const wording = `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. ${remedy}`;
  return { ...invalid(wording, 'input'), status: 404 };
}

/** Content that begins with BAD stands for what another account or backend encrypted. */
function* encryptedContent({ id, encrypted_content: content }) {
  if (typeof content !== 'string' || !content.startsWith('BAD')) return;
  const what = typeof id === 'string' ? `for item ${id}` : `${content.slice(0, 4)}...${content.slice(-4)}`;
  const why = 'Reason: Encrypted content could not be decrypted or parsed.';
  yield invalid(`The encrypted content ${what} could not be verified. ${why}`, null, 'invalid_encrypted_content');
}

/** Outputs of calls that the client carries out: the calls they may answer, and the words for both. */
const PAIRS = {
  function_call_output: { calls: ['function_call', 'local_shell_call'], wording: 'function call' },
  custom_tool_call_output: { calls: ['custom_tool_call'], wording: 'custom tool call' },
  tool_search_output: { calls: ['tool_search_call'], wording: 'tool search call' },
  shell_call_output: { calls: ['shell_call'], wording: 'shell call' },
  apply_patch_call_output: { calls: ['apply_patch_call'], wording: 'apply patch call' },
  computer_call_output: { calls: ['computer_call'], wording: 'computer call' },
  local_shell_call_output: { calls: ['local_shell_call'], wording: 'local shell call' },
};

function isServerSide(item) {
  return item.execution === 'server';
}

/** The output of a local shell call names it with its own id. */
function answered(output) {
  return output.call_id ?? output.id;
}

function isAnswer(output, call) {
  const pair = PAIRS[typeOf(output)];
  return pair?.calls.includes(typeOf(call)) && answered(output) === call.call_id;
}

/** After a previous response the call may be in what is not sent again. */
function* outputsHaveCalls({ input, previous_response_id: previous }) {
  if (previous !== undefined) return;
  for (const [at, output] of input.entries()) {
    const pair = PAIRS[typeOf(output)];
    if (pair === undefined || isServerSide(output)) continue;
    if (input.slice(0, at).some((call) => isAnswer(output, call))) continue;
    yield invalid(`No tool call found for ${pair.wording} output with call_id ${answered(output)}.`, 'input');
  }
}

function* callsHaveOutputs({ input, previous_response_id: previous }) {
  if (previous !== undefined) return;
  for (const [at, call] of input.entries()) {
    const pair = Object.values(PAIRS).find(({ calls }) => calls.includes(typeOf(call)));
    if (pair === undefined || isServerSide(call)) continue;
    if (input.slice(at + 1).some((output) => isAnswer(output, call))) continue;
    yield invalid(`No tool output found for ${pair.wording} ${call.call_id}.`, 'input');
  }
}

/** In this order: those after `shape` rely on it. */
export const ITEM_RULES = [
  ...[systemRole, shape, type, role, foreignMembers, required, contentParts, outputParts, id, callId].map(each),
  ...[reference, reasoning, encryptedContent].map(each),
  outputsHaveCalls,
  callsHaveOutputs,
];
