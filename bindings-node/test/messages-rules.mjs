// What a Messages server refuses. Input: a request and its headers. Output: null, or the status and body it answers.
// Wordings are the API's own as its users report them; where none is reported, of the kind that it has for such a fault.
// Every rule is a generator of refusals: the first refusal of the first rule that has one is the answer. State: none.
import {
  cacheMarks, callPairs, contents, messagesAreGiven, roles, system, turnControl,
} from './messages-blocks.mjs';
import {
  extra, failure, isObject, list, notOneOf, required, wrongKind, wrongMembers, wrongPattern,
} from './messages-errors.mjs';
import { EFFORTS, modelOf } from './messages-models.mjs';

/**
 * Null, or the `{status, body}` that refuses this request. `headers` in small letters; `isCount`: it is to be counted;
 * `isSigned(signature)`: whether this server gave it.
 */
export function check(text, { headers, isCount = false, isSigned }) {
  const refusal = wrongHeaders(headers);
  if (refusal !== null) return refusal;
  let request;
  try {
    request = JSON.parse(text);
  } catch {
    return failure(400, 'The request body is not valid JSON.');
  }
  if (!isObject(request)) return failure(400, 'The request body must be an object.');
  const betas = (headers['anthropic-beta'] ?? '').split(',').map((beta) => beta.trim());
  return ruleFor(request, { betas, isCount, isSigned })?.refusal ?? null;
}

/** The rule that refuses a request, with its refusal; null for none. */
export function ruleFor(request, context) {
  for (const rule of RULES) {
    const [message] = rule(request, context);
    if (message !== undefined) return { rule, refusal: failure(400, message) };
  }
  return null;
}

function wrongHeaders({ 'x-api-key': key, authorization, 'anthropic-version': version }) {
  if (!key && !/^Bearer ./.test(authorization)) return failure(401, 'x-api-key header is required');
  if (version === undefined) return failure(400, 'anthropic-version: header is required');
  if (!/^\d{4}-\d\d-\d\d$/.test(version)) return failure(400, `anthropic-version: "${version}" is not a valid version`);
  return null;
}

const MEMBERS = new Set([
  ...['model', 'max_tokens', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'stop_sequences'],
  ...['stream', 'temperature', 'top_p', 'top_k', 'metadata', 'service_tier', 'inference_geo', 'cache_control', 'container'],
  'diagnostics',
]);
/** Members of betas, by what the name of the beta begins with. */
const BETA_MEMBERS = {
  context_management: /^(context-management|compact)-/, compaction: /^compact/, mcp_servers: /^mcp-client-/, speed: /^fast-mode-/,
  fallbacks: /fallback/, fallback_credit_token: /fallback/, billing_policy: /billing/, thread: /thread/,
  output_format: /^structured-outputs-/,
};
/** What is not counted with. */
const ONLY_ASKED = new Set(['max_tokens', 'stream', 'stop_sequences', 'temperature', 'top_p', 'top_k', 'metadata', 'service_tier']);

const isThinking = ({ thinking }) => ['enabled', 'adaptive'].includes(thinking?.type);

function* model({ model }) {
  if (model === undefined) yield required('model');
  else if (typeof model !== 'string') yield wrongKind('model', 'string');
  else if (model === '') yield 'model: String should have at least 1 character';
}

function* members(request, { betas, isCount }) {
  for (const name of Object.keys(request)) {
    const isOfBeta = betas.some((beta) => BETA_MEMBERS[name]?.test(beta));
    if (isCount && ONLY_ASKED.has(name)) yield extra(name);
    if (!MEMBERS.has(name) && !isOfBeta) yield extra(name);
  }
}

function* maxTokens(request, { isCount }) {
  const { max_tokens: max } = request;
  if (isCount) return;
  if (max === undefined) yield required('max_tokens');
  else if (!Number.isInteger(max)) yield wrongKind('max_tokens', 'integer');
  else if (max < 0) yield 'max_tokens: Input should be greater than or equal to 0';
  const { most } = modelOf(request);
  if (max > most) {
    yield `max_tokens: ${max} > ${most}, which is the maximum allowed number of output tokens for ${request.model}`;
  }
}

/** Members whose type alone matters. */
function* plainMembers({ stream = false, stop_sequences: stops = [], metadata = {}, service_tier: tier = 'auto' }) {
  if (typeof stream !== 'boolean') yield wrongKind('stream', 'boolean');
  if (!Array.isArray(stops)) yield wrongKind('stop_sequences', 'list');
  for (const [at, stop] of list(stops).entries()) {
    if (typeof stop !== 'string') yield wrongKind(`stop_sequences.${at}`, 'string');
    else if (stop.trim() === '') yield 'stop_sequences: each stop sequence must contain non-whitespace';
  }
  yield* wrongMembers('metadata', metadata, [[], ['user_id']]);
  if (!['auto', 'standard_only'].includes(tier)) yield notOneOf('service_tier', ['auto', 'standard_only']);
}

function* sampling(request) {
  const { temperature, top_p: topP, top_k: topK } = request;
  const { sampling } = modelOf(request);
  for (const [name, value] of Object.entries({ temperature, top_p: topP, top_k: topK })) {
    if (value === undefined) continue;
    if (typeof value !== 'number') yield wrongKind(name, 'number');
    if (name !== 'top_k' && (value < 0 || value > 1)) yield `${name}: Input should be between 0 and 1`;
    if (sampling === 'none') yield `\`${name}\` is deprecated for this model.`;
  }
  if (sampling === 'one' && temperature !== undefined && topP !== undefined) {
    yield '`temperature` and `top_p` cannot both be specified for this model. Please use only one.';
  }
  if (!isThinking(request)) return;
  const only = (what) => `${what} when thinking is enabled.`;
  if (temperature !== undefined && temperature !== 1) yield only('`temperature` may only be set to 1');
  if (topP < 0.95) yield only('`top_p` must be greater than or equal to 0.95 or unset');
  if (topK !== undefined) yield only('`top_k` must be unset');
}

const SHOWN = ['display', 'block_binding'];
const THINKING = {
  enabled: [['type', 'budget_tokens'], SHOWN], adaptive: [['type'], SHOWN], disabled: [['type']], between_tools: [['type']],
};

function* thinking(request, { isCount }) {
  const { thinking, max_tokens: max } = request;
  if (thinking === undefined) return;
  const known = THINKING[thinking?.type];
  if (known === undefined) return yield notOneOf('thinking.type', Object.keys(THINKING));
  yield* wrongMembers(`thinking.${thinking.type}`, thinking, known);
  const { thinking: taken } = modelOf(request);
  if (thinking.type !== 'disabled' && !taken.includes(thinking.type)) {
    yield `"thinking.type.${thinking.type}" is not supported for this model.`;
  }
  if (thinking.type !== 'enabled') return;
  const { budget_tokens: budget } = thinking;
  if (!(budget >= 1024)) yield 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
  if (!isCount && budget >= max) yield '`max_tokens` must be greater than `thinking.budget_tokens`.';
}

/** The turn that is still going on begins as it began. */
function* thinkingOfLastTurn({ thinking, messages }) {
  if (thinking?.type !== 'enabled') return;
  const at = messages.findLastIndex(({ role }) => role === 'assistant');
  const [first] = list(messages[at]?.content);
  const hasCall = list(messages[at]?.content).some(({ type }) => type === 'tool_use');
  const isOpen = list(messages[at + 1]?.content).some(({ type }) => type === 'tool_result');
  if (!hasCall || !isOpen || /thinking$/.test(first.type)) return;
  const found = `Expected \`thinking\` or \`redacted_thinking\`, but found \`${first.type}\``;
  yield `messages.${at}.content.0.type: ${found}. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`;
}

function* prefill(request) {
  const { thinking: taken } = modelOf(request);
  if (request.messages.at(-1).role !== 'assistant') return;
  const isNewer = taken.length > 0 && !taken.includes('enabled');
  if (isThinking(request) || isNewer) {
    yield 'This model does not support assistant message prefill. The conversation must end with a user message.';
  }
}

function* outputConfig(request) {
  const { output_config: config = {} } = request;
  yield* wrongMembers('output_config', config, [[], ['effort', 'format', 'task_budget']]);
  const { effort, format } = config;
  const { efforts } = modelOf(request);
  if (effort !== undefined && !EFFORTS.includes(effort)) yield notOneOf('output_config.effort', EFFORTS);
  if (effort !== undefined && efforts.length === 0) yield 'This model does not support the effort parameter.';
  if (effort !== undefined && !efforts.includes(effort)) {
    yield `This model does not support effort level '${effort}'. Supported levels: ${efforts.join(', ')}.`;
  }
  if (format === undefined || format === null) return;
  if (format.type !== 'json_schema') yield notOneOf('output_config.format.type', ['json_schema']);
  yield* wrongMembers('output_config.format', format, [['type', 'schema']]);
  yield* openObjects('output_config.format.schema', format.schema);
}

/** What is generated by a schema is closed. */
function* openObjects(path, schema) {
  if (!isObject(schema)) return;
  if (schema.type === 'object' && schema.additionalProperties !== false) {
    yield `${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`;
  }
  for (const name of ['properties', '$defs', 'definitions']) {
    for (const inner of Object.values(schema[name] ?? {})) yield* openObjects(path, inner);
  }
  for (const inner of [schema.items, ...list(schema.anyOf), ...list(schema.allOf)]) yield* openObjects(path, inner);
}

const NAME = '^[a-zA-Z0-9_-]{1,128}$';
const TYPED = /^(bash|text_editor|computer|memory|web_search|web_fetch|code_execution|tool_search_tool_(regex|bm25)|advisor|browser_toolset|computer_toolset)(_\d{8})?$/;
const CUSTOM = [
  ['name', 'input_schema'],
  ['type', 'description', 'strict', 'defer_loading', 'eager_input_streaming', 'allowed_callers', 'input_examples', 'cache_control'],
];

function* tools({ tools = [] }) {
  if (!Array.isArray(tools)) return yield wrongKind('tools', 'list');
  for (const [at, tool] of tools.entries()) yield* wrongTool(`tools.${at}`, tool);
  const names = tools.map(({ name }) => name).filter((name) => name !== undefined);
  if (new Set(names).size < names.length) yield 'tools: Tool names must be unique.';
}

function* wrongTool(path, tool) {
  const { type = 'custom', name, description = '', input_schema: schema } = tool;
  if (type === 'mcp_toolset') return;
  if (type !== 'custom') {
    if (!TYPED.test(type)) yield `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags`;
    if (name === undefined) yield required(`${path}.${type}.name`);
    if (schema !== undefined) yield extra(`${path}.${type}.input_schema`);
    return;
  }
  yield* wrongMembers(`${path}.custom`, tool, CUSTOM);
  if (!new RegExp(NAME).test(name)) yield wrongPattern(`${path}.custom.name`, NAME);
  if (typeof description !== 'string') yield wrongKind(`${path}.custom.description`, 'string');
  if (schema?.type !== 'object') yield required(`${path}.custom.input_schema.type`);
  for (const join of ['anyOf', 'oneOf', 'allOf']) {
    if (join in schema) yield `${path}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
  }
  if (tool.strict) yield* openObjects(`${path}.custom`, schema);
}

const CHOICES = {
  auto: [['type'], ['disable_parallel_tool_use']], any: [['type'], ['disable_parallel_tool_use']],
  tool: [['type', 'name'], ['disable_parallel_tool_use']], none: [['type']],
};

function* toolChoice(request) {
  const { tools = [], tool_choice: choice } = request;
  if (choice === undefined) return;
  const known = CHOICES[choice?.type];
  if (known === undefined) return yield notOneOf('tool_choice.type', Object.keys(CHOICES));
  yield* wrongMembers(`tool_choice.${choice.type}`, choice, known);
  if (tools.length === 0) yield 'tool_choice may only be specified while providing tools.';
  if (choice.type === 'tool' && !tools.some(({ name }) => name === choice.name)) {
    yield `Tool '${choice.name}' not found in provided tools`;
  }
  if (isThinking(request) && ['any', 'tool'].includes(choice.type)) {
    yield 'Thinking may not be enabled when tool_choice forces tool use.';
  }
}

/** In this order: a rule may rely on what those before it let through. */
export const RULES = [
  model, members, maxTokens, messagesAreGiven, roles, turnControl, contents, system, callPairs, cacheMarks, plainMembers,
  thinking, thinkingOfLastTurn, prefill, sampling, outputConfig, tools, toolChoice,
];
