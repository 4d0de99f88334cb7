// What is known of the input as a whole: its outcome, or what a failure asks for, and where it breaks rules.
//   Input: a result
//   Output: the panel beside the input; which finding is picked
//   State: none
import { badge, byId, el, facts } from './dom.mjs';
import { counted, number } from './text.mjs';

const SEVERITIES = ['error', 'warning', 'info'];
const MAX_PLACES = 12; // buttons for one rule

export function showFacts(result, pick) {
  const parts = [result.outcome && outcome(result.outcome), result.request && request(result.request), result.envelope && envelope(result.envelope)];
  byId('facts').replaceChildren(...parts.filter(Boolean).flat());
  const isLinted = result.outcome !== undefined;
  byId('lint').hidden = !isLinted;
  byId('findings').replaceChildren(...(isLinted ? findings(result.findings, pick) : []));
}

const tokens = (count, more, word) => (count === undefined ? null : `${number(count)}${more ? ` (${number(more)} ${word})` : ''}`);

const wait = (ms) => (ms === null ? null : `${number(ms)} ms`);

function outcome(seen) {
  const { error, failure, usage, reconstructed } = seen;
  const rows = facts([
    ['finish reason', seen.finish_reason],
    ['error', error?.code ?? error?.type],
    ['message', error?.message],
    ['answer with', failure && `${failure.status}, ${failure.class.replaceAll('_', ' ')}`],
    ['retry after', failure && wait(failure.retry_after_ms)],
    ['tokens in', tokens(usage?.prompt_tokens, usage?.prompt_tokens_details?.cached_tokens, 'cached')],
    ['tokens out', tokens(usage?.completion_tokens, usage?.completion_tokens_details?.reasoning_tokens, 'reasoning')],
    ['model', seen.model],
    ['response id', seen.response_id],
    ['rebuilt from', reconstructed === 'none' ? null : reconstructed],
  ]);
  return [el('h3', {}, 'Outcome ', badge(seen.status)), rows];
}

function envelope({ status, class: kind, retry_after_ms, hint, body }) {
  const rows = facts([
    ['class', kind.replaceAll('_', ' ')],
    ['code', body.error.code],
    ['retry after', wait(retry_after_ms)],
    ['what helps', hint],
  ]);
  return [el('h3', {}, 'Answer with ', badge(String(status))), rows];
}

function request({ context, tokens: estimate, isProbe }) {
  const rows = facts([
    ['asked by', context?.dialect],
    ['model', context?.model],
    ['stream', context ? (context.stream ? 'yes' : 'no') : null],
    ['input', estimate === null ? null : `about ${counted(estimate, 'token')}`],
    ['probe', isProbe ? 'yes' : null],
  ]);
  if (!context) return [el('h3', {}, 'Request'), rows];
  const json = el('pre', { tabIndex: 0, role: 'region', 'aria-label': 'Context' }, JSON.stringify(context, null, 2));
  return [el('h3', {}, 'Request'), rows, el('details', {}, el('summary', {}, 'Context for the answer'), json)];
}

/** By rule, the worst first. */
function findings(all, pick) {
  if (all.length === 0) return [el('p', { class: 'quiet' }, 'It keeps every rule.')];
  const groups = byRule(all).sort((a, b) => SEVERITIES.indexOf(a[0].severity) - SEVERITIES.indexOf(b[0].severity));
  return [el('ul', { class: 'rules' }, ...groups.map((group) => rule(group, pick)))];
}

function byRule(all) {
  const found = new Map();
  for (const finding of all) {
    const key = `${finding.severity} ${finding.rule}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(finding);
  }
  return [...found.values()];
}

function rule(group, pick) {
  const [{ rule: name, severity, message }] = group;
  const places = group.slice(0, MAX_PLACES).map((finding) => {
    const label = `${name} at byte ${finding.offset}: ${finding.message}`;
    const place = el('button', { type: 'button', class: 'small', title: finding.message, 'aria-label': label }, number(finding.offset));
    place.addEventListener('click', () => pick(finding));
    return place;
  });
  const more = group.length - places.length;
  const words = new Set(group.map((finding) => finding.message)).size === 1 ? message : `${message}, and others`;
  const rest = more > 0 ? el('span', { class: 'quiet' }, `and ${number(more)} more`) : null;
  return el('li', { class: severity }, el('code', {}, name), ' ', el('span', { class: 'quiet' }, words), el('div', { class: 'places' }, ...places, rest));
}
