// What the library makes of an input, in each dialect. Everything the page shows comes from here.
//   Input: the library, { bytes, kind, dialect, status, profile, eyes }, the bytes already cut
//   Output: { panes: by dialect, facts, findings, changes }
//   State: none
import { feed } from './detect.mjs';
import { DIALECTS } from './library.mjs';
import { lines } from './text.mjs';

const EYES = { responses: ['openai', 'codex_cli'], chat: ['chat'], messages: ['messages', 'claude_code'] };

/** Whose eyes a stream of a dialect can be read with. */
export const eyesOf = (dialect) => EYES[dialect] ?? [];

const byDialect = (make) => Object.fromEntries(DIALECTS.map((dialect) => [dialect, make(dialect)]));
const textOf = (bytes) => (bytes === null ? '' : String(bytes));

export function read(lib, input) {
  if (input.kind === 'nothing') return { panes: {}, findings: [] };
  if (input.kind === 'request') return readRequest(lib, input);
  if (input.kind === 'failure') return readFailure(lib, input);
  return readAnswer(lib, input);
}

function readAnswer(lib, input) {
  const { bytes, kind, dialect: upstream, status } = input;
  const collector = new lib.Collector({ upstream });
  feed(collector, bytes, kind, status);
  collector.finish();
  const bodies = { chat: 'finalCompletion', responses: 'finalResponse', messages: 'finalMessage' };
  const panes = byDialect((client) => {
    const transcoder = new lib.Transcoder({ client, upstream });
    const given = [...feed(transcoder, bytes, kind, status), transcoder.finish()];
    const { status: state, notes } = transcoder.outcome;
    return { state, stream: given.map(String).join(''), body: textOf(collector[bodies[client]]()), notes };
  });
  return { panes, outcome: collector.outcome, findings: findings(lib, input) };
}

function findings(lib, { bytes, kind, dialect, eyes }) {
  if (kind === 'document') return [];
  const profile = eyesOf(dialect).includes(eyes) ? eyes : eyesOf(dialect)[0];
  return lib.lint(bytes, profile);
}

function readRequest(lib, { bytes, dialect: client, profile }) {
  const panes = byDialect((upstream) => {
    try {
      const { body, changes, context } = lib.convertRequest(bytes, { client, upstream, profile: upstream === 'responses' ? profile : null });
      return { state: 'accepted', body: String(body), changes, context };
    } catch (error) {
      if (!(error instanceof lib.SluicegateError)) throw error;
      return { state: 'rejected', body: JSON.stringify(error.envelope ?? {}), changes: [], error };
    }
  });
  return { panes, request: requestFacts(lib, bytes, panes), findings: [] };
}

function requestFacts(lib, bytes, panes) {
  const context = Object.values(panes).find((pane) => pane.context)?.context ?? null;
  const facts = { context, tokens: null, isProbe: false };
  try {
    facts.tokens = lib.countTokens(bytes);
    facts.isProbe = lib.isProbe(bytes);
  } catch {} // no JSON: the panes have the rejection
  return facts;
}

function readFailure(lib, { bytes, status }) {
  const failure = { body: bytes, status, nowMs: Date.now() };
  const envelopes = byDialect((dialect) => lib.errorEnvelope({ ...failure, dialect }));
  const panes = byDialect((dialect) => ({ state: envelopes[dialect].class, body: JSON.stringify(envelopes[dialect].body) }));
  return { panes, envelope: envelopes.responses, findings: [] };
}

/**
 * The items of a stream by the bytes that bring them, as a client of Responses is told of them; and where each event of the
 * input ends.
 */
export function timeline(lib, { bytes, kind, dialect: upstream }) {
  if (kind !== 'stream' && kind !== 'frames') return { items: [], events: [], end: null };
  const transcoder = new lib.Transcoder({ client: 'responses', upstream, objects: true });
  const parser = new lib.SseParser({ dispatchTail: true });
  const items = new Map();
  const [events, seen] = [[], { end: null }];
  for (const { piece, to } of lines(bytes)) {
    const given = kind === 'stream' ? transcoder.feed(piece) : feed(transcoder, piece, kind).flat();
    for (const object of given) if (object) place(items, seen, object, to); // null is `[DONE]`
    if (kind === 'frames' || eventsIn(parser, piece) > 0) events.push(to);
  }
  return { items: [...items.values()], events, end: seen.end };
}

function eventsIn(parser, piece) {
  try {
    return parser.feed(piece).length;
  } catch (error) {
    return 1 + error.events.length;
  }
}

const ENDS = { 'response.completed': 'completed', 'response.incomplete': 'incomplete', 'response.failed': 'failed' };

function place(items, seen, object, at) {
  if (ENDS[object.type]) seen.end = { at, status: ENDS[object.type] };
  const index = object.output_index;
  if (index === undefined) return;
  const item = items.get(index) ?? { index, type: 'item', name: '', from: at, to: at, deltas: [], done: null };
  items.set(index, item);
  item.to = at;
  if (object.item) Object.assign(item, { type: object.item.type, name: object.item.name ?? '' });
  if (object.delta !== undefined) item.deltas.push(at);
  if (object.type === 'response.output_item.done') item.done = at;
}
