// What the Codex backend refuses in tools, in the names of calls and in tool_choice. See strict-rules.mjs.
import { detail, invalid, missing, notOneOf, wrongLength, wrongPattern, wrongType } from './strict-errors.mjs';

const NAMED = ['function', 'custom', 'namespace'];
const NAME = '^[a-zA-Z0-9_-]+$';
/** Calls in a history may name a tool of a namespace with its dot, as Codex does. */
const CALL_NAME = '^[a-zA-Z0-9_.-]+$';
const CALLS = ['function_call', 'custom_tool_call'];
const MODES = ['none', 'auto', 'required'];

/** Every list of tools of a request, with its path. */
function lists({ tools, input }) {
  const items = input.map((item, at) => [`input[${at}].tools`, item.tools]);
  return [['tools', tools], ...items].filter(([, list]) => Array.isArray(list));
}

/** The tools of a list, each with its path and its namespace: those of a namespace after it. */
function* flat(list, path, namespace) {
  for (const [at, tool] of list.entries()) {
    const own = `${path}[${at}]`;
    yield [tool, own, namespace];
    if (tool?.type === 'namespace' && Array.isArray(tool.tools)) yield* flat(tool.tools, `${own}.tools`, tool.name);
  }
}

/** The tools of a request, wherever they are declared. */
export function* allTools(request) {
  for (const [path, list] of lists(request)) yield* flat(list, path);
}

function* toolShapes(request) {
  const { tools = null } = request;
  if (tools !== null && !Array.isArray(tools)) yield wrongType('tools', 'an array of objects', tools);
  for (const [tool, path] of allTools(request)) {
    if (typeof tool !== 'object' || tool === null) yield wrongType(path, 'an object', tool);
    else if (typeof tool.type !== 'string') yield missing(`${path}.type`);
  }
}

/** The backend knows the tool that came out of the preview only. */
function* toolTypes(request) {
  for (const [{ type }] of allTools(request)) {
    if (type.startsWith('web_search_preview')) yield detail(`Unsupported tool type: ${type}`);
  }
}

function* toolNames(request) {
  for (const [{ type, name }, path] of allTools(request)) {
    if (NAMED.includes(type)) yield* wrongName(name, `${path}.name`, NAME);
  }
}

function* callNames({ input }) {
  for (const [at, { type, name }] of input.entries()) {
    if (CALLS.includes(type)) yield* wrongName(name, `input[${at}].name`, CALL_NAME);
  }
}

function* wrongName(name, path, pattern) {
  if (typeof name !== 'string') return yield missing(path);
  yield* wrongLength(path, name);
  if (!new RegExp(pattern).test(name)) yield wrongPattern(path, pattern);
}

function* toolChoice(request) {
  const { tool_choice: choice } = request;
  if (choice === undefined) return;
  if (typeof choice === 'string') {
    if (!MODES.includes(choice)) yield notOneOf(choice, MODES, 'tool_choice');
    return;
  }
  const declared = [...allTools(request)].map(([tool]) => tool);
  yield* wrongChoices(choice, declared, 'tool_choice');
}

function* wrongChoices(choice, declared, path) {
  if (typeof choice !== 'object' || choice === null) return yield wrongType(path, 'an object', choice);
  if (choice.type !== 'allowed_tools') return yield* wrongChoice(choice, declared, path);
  if (!Array.isArray(choice.tools)) return yield missing(`${path}.tools`);
  for (const [at, tool] of choice.tools.entries()) yield* wrongChoices(tool, declared, `${path}.tools[${at}]`);
}

/** A hosted tool cannot be chosen, declared or not: real accounts get the same answer. */
function* wrongChoice({ type, name }, declared, path) {
  if (typeof type !== 'string') return yield missing(`${path}.type`);
  const isNamed = type === 'function' || type === 'custom';
  if (isNamed) yield* wrongName(name, `${path}.name`, NAME);
  if (isNamed && declared.some((tool) => tool.type === type && tool.name === name)) return;
  yield invalid(`Tool choice '${isNamed ? name : type}' not found in 'tools' parameter.`, 'tool_choice');
}

/** In this order: those after `toolShapes` rely on it. */
export const TOOL_RULES = [toolShapes, toolTypes, toolNames, callNames, toolChoice];
