// What an input is: the library's readers try it, and what they make of it decides.
//   Input: the library, the bytes
//   Output: { kind, dialect }: `stream`, `frames`, `document`, `request`, `failure` or `nothing`; of whom
//   State: none
import { DIALECTS } from './library.mjs';
import { lines } from './text.mjs';

const NOTHING = { kind: 'nothing', dialect: 'responses' };

export function detect(lib, bytes) {
  const page = new lib.Page();
  page.feed(bytes);
  if (page.kind === null) return NOTHING;
  if (page.kind === 'stream') return { kind: 'stream', dialect: bestReader(lib, bytes, 'stream') };
  if (isFrames(bytes)) return { kind: 'frames', dialect: bestReader(lib, bytes, 'frames') };
  return answer(lib, bytes) ?? request(lib, bytes) ?? { kind: 'failure', dialect: 'responses' };
}

function isJson(bytes) {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Several lines of which the first is JSON by itself. */
function isFrames(bytes) {
  const [first, second] = lines(bytes);
  return second !== undefined && isJson(first.piece) && !isJson(bytes);
}

/** Gives a reader all of an input. */
export function feed(reader, bytes, kind, status = null) {
  if (kind === 'stream') return [reader.feed(bytes)];
  if (kind === 'document') return [reader.feedDocument(bytes, { status })];
  return lines(bytes).filter(({ piece }) => piece.some((byte) => byte > 32)).map(({ piece }) => reader.feedEvent(piece));
}

/** The dialect whose reader knows the answer by an id, makes something of it, and meets least that it does not know. */
function bestReader(lib, bytes, kind) {
  const scores = DIALECTS.map((upstream) => {
    const reader = new lib.Transcoder({ client: upstream === 'responses' ? 'chat' : 'responses', upstream });
    feed(reader, bytes, kind);
    const isKnown = reader.responseId !== null; // before the end, which makes one up
    reader.finish();
    const unknown = reader.outcome.notes.filter(({ code }) => code === 'unknown_event').length;
    return { upstream, score: (isKnown ? 100 : 0) + (reader.hasOutput ? 50 : 0) - unknown };
  });
  const best = Math.max(...scores.map(({ score }) => score));
  const first = scores.filter(({ score }) => score === best).map(({ upstream }) => upstream);
  return first.includes('responses') ? 'responses' : first[0];
}

function answer(lib, bytes) {
  const dialect = DIALECTS.find((upstream) => {
    const collector = new lib.Collector({ upstream });
    collector.feedDocument(bytes);
    collector.finish();
    const isFailed = upstream === 'responses' && collector.responseId !== null; // of what is no answer, the others make up an id
    return isFailed || ['completed', 'incomplete'].includes(collector.outcome.status);
  });
  return dialect && { kind: 'document', dialect };
}

/** What has input tokens is a request; who asked, its conversion finds out. */
function request(lib, bytes) {
  try {
    if (lib.countTokens(bytes) <= lib.countTokens('{}')) return null;
  } catch {
    return null;
  }
  return { kind: 'request', dialect: clientOf(lib, bytes) };
}

function clientOf(lib, bytes) {
  for (const upstream of ['responses', 'chat', 'messages']) {
    try {
      return lib.convertRequest(bytes, { upstream }).context.dialect;
    } catch {} // this upstream cannot take it; another may
  }
  return 'auto';
}
