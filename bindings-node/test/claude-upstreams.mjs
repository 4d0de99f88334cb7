// What stands behind the gateway for Claude Code: the strict Responses backend, and a server that speaks only chat. Both say
// the same, by a function of the turn.
import { startChatServer } from './chat-server.mjs';
import { SILENCE_MS, message, thought } from './strict-answers.mjs';
import { startStrictBackend } from './strict-backend.mjs';

/**
 * Each gives `{ url, turns, close }`; `turns` grows with what `answerOf(turn)` is asked: `{ prompt, results, request }`, the
 * texts of the last user message and the outputs after it. It says `{ text }`, `{ thought }`, `{ calls: [[name, arguments]] }`
 * or `{ fails }`, one of the names in FAILURES.
 */
export const UPSTREAMS = { responses, chat };

/** As the backend's scripts, and as what the chat server answers. */
const TOO_LONG = "This model's maximum context length is 8192 tokens. However, you requested 9000.";
const FAILURES = {
  limit: ['fail-429', { status: 429, error: 'Slow down.' }],
  overload: ['fail-529', { status: 529, error: 'Busy.' }],
  missing: ['fail-404', { status: 404, error: 'The model does not exist.' }],
  length: ['fail-too-long', { status: 400, error: TOO_LONG }],
  late: ['fail-stream-late', { late: 'Well, it ' }],
  cut: ['cut', { cut: 'Well, it ' }],
  silence: ['silent', { text: 'Yes.', pauseMs: SILENCE_MS }],
};

async function responses(answerOf) {
  const turns = [];
  let answer;
  const scriptOf = (request) => {
    answer = answerOf(noted(turns, turnOfItems(request)));
    return FAILURES[answer.fails]?.[0];
  };
  const backend = await startStrictBackend({ scriptOf, itemsOf: (_, id) => itemsOf(answer, id.slice('resp_'.length)) });
  return { ...backend, turns };
}

async function chat(answerOf) {
  const turns = [];
  const said = ({ fails, ...answer }) => FAILURES[fails]?.[1] ?? answer;
  const server = await startChatServer((request) => said(answerOf(noted(turns, turnOfMessages(request)))));
  return { ...server, turns };
}

function noted(turns, turn) {
  turns.push(turn);
  return turn;
}

const textOf = (content) => (typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n'));

function turnOfItems(request) {
  const { input } = request;
  const outputs = input.slice(input.findLastIndex(({ role, type }) => role !== undefined || type === 'function_call') + 1);
  const results = outputs.filter(({ type }) => type === 'function_call_output').map(({ output }) => output);
  return { request, results, prompt: textOf(input.findLast(({ role }) => role === 'user').content) };
}

function turnOfMessages(request) {
  const { messages } = request;
  const after = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  const results = after.filter(({ role }) => role === 'tool').map(({ content }) => content);
  return { request, results, prompt: textOf(messages.findLast(({ role }) => role === 'user').content) };
}

/** Ids of calls come again in every answer. */
function itemsOf({ text = 'Good day.', thought: thinking, calls = [] }, suffix) {
  const call = ([name, given], at) => {
    return { id: `fc_${at}_${suffix}`, type: 'function_call', call_id: `call_${'abc'[at]}`, name, arguments: given };
  };
  const said = calls.length > 0 ? calls.map(call) : [message(text.match(/\S+\s*/g), suffix)];
  return [...(thinking === undefined ? [] : [thought(thinking, suffix)]), ...said];
}
