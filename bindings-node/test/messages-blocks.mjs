// What a Messages server refuses of content blocks and their order.
// Input: `messages` and `system` of a request; what is signed. Output: refusals, in Anthropic's wording. State: none.
import {
  extra, isObject, list, notOneOf, required, wrongKind, wrongMembers, wrongPattern,
} from './messages-errors.mjs';
import { modelOf } from './messages-models.mjs';

const ID = '^[a-zA-Z0-9_-]+$';
const LONGEST_ID = 64;
const MARK = ['cache_control'];

/** Of block types: the roles whose messages may have it, required members, optional ones. */
const BLOCKS = {
  text: ['user assistant system result', ['type', 'text'], [...MARK, 'citations']],
  image: ['user result', ['type', 'source'], [...MARK, 'transformations']],
  document: ['user result', ['type', 'source'], [...MARK, 'title', 'context', 'citations']],
  search_result: ['user result', ['type', 'source', 'title', 'content'], [...MARK, 'citations']],
  tool_reference: ['result', ['type', 'tool_name'], MARK],
  tool_result: ['user', ['type', 'tool_use_id'], [...MARK, 'content', 'is_error', 'toolset_name']],
  container_upload: ['user', ['type', 'file_id'], MARK],
  thinking: ['assistant', ['type', 'thinking', 'signature']],
  redacted_thinking: ['assistant', ['type', 'data']],
  tool_use: ['assistant', ['type', 'id', 'name', 'input'], [...MARK, 'caller', 'toolset_name']],
  server_tool_use: ['assistant', ['type', 'id', 'name', 'input'], [...MARK, 'caller']],
  web_search_tool_result: ['assistant', ['type', 'tool_use_id', 'content'], [...MARK, 'caller']],
  web_fetch_tool_result: ['assistant', ['type', 'tool_use_id', 'content'], [...MARK, 'caller']],
};

/** Of source types: the kind of blocks that may have it, its members. */
const SOURCES = {
  base64: ['image document', ['type', 'media_type', 'data']],
  url: ['image document', ['type', 'url']],
  file: ['image document', ['type', 'file_id']],
  text: ['document', ['type', 'media_type', 'data']],
  content: ['document', ['type', 'content']],
};
const MEDIA_TYPES = {
  image: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
  document: ['application/pdf', 'text/plain'],
};

export function* messagesAreGiven({ messages }) {
  if (messages === undefined) yield required('messages');
  else if (!Array.isArray(messages)) yield wrongKind('messages', 'list');
  else if (messages.length === 0) yield 'messages: at least one message is required';
}

/** A system message in between is of newer models, or of a beta. */
export function* roles(request, { betas }) {
  const { messages } = request;
  const hasSystem = modelOf(request).hasSystem || betas.some((beta) => /^(mid-conversation|per-turn)-/.test(beta));
  const known = ['user', 'assistant', ...(hasSystem ? ['system'] : [])];
  for (const [at, message] of messages.entries()) {
    if (!isObject(message)) yield wrongKind(`messages.${at}`, 'dictionary');
    else if (!known.includes(message.role)) yield notOneOf(`messages.${at}.role`, known);
    const also = message.role === 'system' ? ['content', 'output_config', 'clear_at'] : [];
    const needed = message.role === 'system' ? ['role'] : ['role', 'content'];
    yield* wrongMembers(`messages.${at}`, message, [needed, also]);
  }
  if (messages[0].role !== 'user') yield 'messages: first message must use the "user" role';
}

export function* contents({ messages }, context) {
  for (const [at, { role, content }] of messages.entries()) {
    const isLast = at === messages.length - 1;
    const isOptional = role === 'system' || (role === 'assistant' && isLast);
    if (content === undefined) continue;
    if (typeof content !== 'string' && !Array.isArray(content)) yield wrongKind(`messages.${at}.content`, 'list');
    if (content.length === 0 && !isOptional) {
      yield `messages.${at}: all messages must have non-empty content except for the optional final assistant message`;
    }
    if (role === 'assistant' && isLast && /\s$/.test(lastText(content))) {
      yield 'messages: final assistant content cannot end with trailing whitespace';
    }
    yield* blocks(`messages.${at}.content`, content, role, context);
  }
}

export function* system({ system = [] }, context) {
  if (typeof system !== 'string' && !Array.isArray(system)) yield wrongKind('system', 'list');
  for (const [at, { type }] of list(system).entries()) if (type !== 'text') yield notOneOf(`system.${at}.type`, ['text']);
  yield* blocks('system', system, 'system', context);
}

function lastText(content) {
  return typeof content === 'string' ? content : (content.at(-1)?.text ?? '');
}

function* blocks(path, content, where, context) {
  for (const [at, block] of list(content).entries()) yield* wrongBlock(`${path}.${at}`, block, where, context);
}

function* wrongBlock(path, block, where, context) {
  if (!isObject(block)) return yield wrongKind(path, 'dictionary');
  const [places, needed, optional] = BLOCKS[block.type] ?? [];
  if (places === undefined) {
    return yield `${path}: Input tag '${block.type}' found using 'type' does not match any of the expected tags`;
  }
  if (!places.split(' ').includes(where)) yield `${path}: \`${block.type}\` blocks are not allowed in ${where} content`;
  yield* wrongMembers(`${path}.${block.type}`, block, [needed, optional]);
  yield* (OF_TYPE[block.type] ?? nothing)(path, block, context);
}

function* nothing() {}

const OF_TYPE = { text, image: source, document: source, thinking, redacted_thinking: redacted, tool_use: call, tool_result: result };

function* text(path, { text }) {
  if (typeof text !== 'string') yield wrongKind(`${path}.text.text`, 'string');
  else if (text === '') yield 'messages: text content blocks must be non-empty';
  else if (text.trim() === '') yield 'messages: text content blocks must contain non-whitespace text';
}

function* source(path, { type: kind, source }) {
  const [kinds, members] = SOURCES[source?.type] ?? [''];
  const at = `${path}.${kind}.source`;
  if (!kinds.split(' ').includes(kind)) return yield notOneOf(`${at}.type`, kindsFor(kind));
  yield* wrongMembers(`${at}.${source.type}`, source, [members]);
  if (source.type === 'base64') yield* base64(`${at}.base64`, source, MEDIA_TYPES[kind]);
  if (source.type === 'url' && !/^https?:\/\//.test(source.url)) yield `${at}.url.url: Only HTTP(S) URLs are supported`;
}

const kindsFor = (kind) => Object.keys(SOURCES).filter((name) => SOURCES[name][0].split(' ').includes(kind));

function* base64(path, { media_type: type, data }, types) {
  if (!types.includes(type)) yield notOneOf(`${path}.media_type`, types);
  const isBase64 = typeof data === 'string' && data !== '' && /^[A-Za-z0-9+/]+={0,2}$/.test(data);
  if (!isBase64 || data.length % 4 !== 0) yield `${path}.data: invalid base64 data`;
}

function* thinking(path, { signature }, { isSigned }) {
  if (!isSigned(signature)) yield `${path}: Invalid \`signature\` in \`thinking\` block`;
}

function* redacted(path, { data }, { isSigned }) {
  if (!isSigned(data)) yield `${path}: Invalid \`data\` in \`redacted_thinking\` block`;
}

function* call(path, { id, name, input }) {
  yield* wrongId(`${path}.tool_use.id`, id);
  if (!/^[a-zA-Z0-9_-]{1,200}$/.test(name)) yield wrongPattern(`${path}.tool_use.name`, '^[a-zA-Z0-9_-]{1,200}$');
  if (!isObject(input)) yield wrongKind(`${path}.tool_use.input`, 'dictionary');
}

function* result(path, { tool_use_id: id, content = '', is_error: isError = false }, context) {
  yield* wrongId(`${path}.tool_result.tool_use_id`, id);
  if (typeof isError !== 'boolean') yield wrongKind(`${path}.tool_result.is_error`, 'boolean');
  if (typeof content !== 'string' && !Array.isArray(content)) yield wrongKind(`${path}.tool_result.content`, 'list');
  yield* blocks(`${path}.tool_result.content`, content, 'result', context);
}

function* wrongId(path, id) {
  if (typeof id !== 'string') yield wrongKind(path, 'string');
  else if (!new RegExp(ID).test(id)) yield wrongPattern(path, ID);
  else if (id.length > LONGEST_ID) yield `${path}: String should have at most ${LONGEST_ID} characters`;
}

/** All results of a turn are in the message after it, and first there. */
export function* callPairs({ messages }) {
  const turns = [...messages.entries()].filter(([, { role }]) => role !== 'system');
  const seen = new Set();
  for (const [nth, [at, message]] of turns.entries()) {
    const calls = idsOf(message, 'tool_use', 'id');
    const [, next] = turns[nth + 1] ?? [];
    const answered = next?.role === 'user' ? idsOf(next, 'tool_result', 'tool_use_id') : [];
    const open = calls.filter((id) => !answered.includes(id));
    if (open.length > 0) yield unanswered(at, open);
    if (calls.some((id) => seen.has(id)) || new Set(calls).size < calls.length) {
      yield 'messages: `tool_use` ids must be unique';
    }
    for (const id of calls) seen.add(id);
    yield* wrongResults(at, message, nth === 0 ? [] : idsOf(turns[nth - 1][1], 'tool_use', 'id'));
  }
}

function* wrongResults(at, { content }, calls) {
  const answered = new Set();
  let isFirst = true;
  for (const [index, { type, tool_use_id: id }] of list(content).entries()) {
    const path = `messages.${at}.content.${index}`;
    if (type !== 'tool_result') isFirst = false;
    else if (!calls.includes(id)) yield unasked(path, id);
    else if (answered.has(id)) yield `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
    else if (!isFirst) yield `${path}: \`tool_result\` blocks must come before all other blocks of a message`;
    answered.add(id);
  }
}

function idsOf({ content }, type, member) {
  return list(content).filter((block) => block.type === type).map((block) => block[member]);
}

function unanswered(at, ids) {
  const each = 'Each `tool_use` block must have a corresponding `tool_result` block in the next message.';
  return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. ${each}`;
}

function unasked(path, id) {
  const each = 'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.';
  return `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ${each}`;
}

const MOST_MARKS = 4;

/** Also that of the whole request. */
export function* cacheMarks(request) {
  const marks = [...marksIn(request, '')];
  for (const [path, { type, ttl }] of marks) {
    if (type !== 'ephemeral') yield notOneOf(`${path}.type`, ['ephemeral']);
    if (ttl !== undefined && !['5m', '1h'].includes(ttl)) yield notOneOf(`${path}.ttl`, ['5m', '1h']);
  }
  if (marks.length > MOST_MARKS) {
    yield `A maximum of ${MOST_MARKS} blocks with cache_control may be provided. Found ${marks.length}.`;
  }
}

/** Where a mark may stand: not inside arguments or schemas. */
const MARKED = ['tools', 'system', 'messages', 'content'];

function* marksIn(value, path) {
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === 'cache_control' && member !== null) yield [at, member];
    if (MARKED.includes(name)) for (const [nth, part] of list(member).entries()) yield* marksIn(part, `${at}.${nth}`);
  }
}

/** Members of messages that are of a beta. */
export function* turnControl({ messages }, { betas }) {
  const isKnown = betas.some((beta) => beta.startsWith('per-turn-control-'));
  for (const [at, { output_config: config }] of messages.entries()) {
    if (config !== undefined && !isKnown) yield extra(`messages.${at}.output_config`);
  }
}
