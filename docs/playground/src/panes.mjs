// One pane for each dialect: what its client or its upstream is sent, and what is said of that.
//   Input: the panes of a result, which view is wanted
//   Output: the panes on the page; which change is picked
//   State: none
import { badge, byId, el } from './dom.mjs';
import { pretty, ranges, tokens } from './json.mjs';
import { DIALECTS, NAMES } from './library.mjs';
import { counted, runs } from './text.mjs';

const MAX_SHOWN = 60_000; // characters

/** What the marks of a body are for: a change that left something under its path. */
const LEFT = { added: 'added', replaced: 'edited' };

export function showPanes(panes, { view, pick }) {
  for (const dialect of DIALECTS) {
    const pane = panes[dialect];
    const place = byId(`pane-${dialect}`);
    place.hidden = pane === undefined;
    if (pane) place.replaceChildren(...contents(dialect, pane, view, pick));
  }
}

function contents(dialect, pane, view, pick) {
  const isStream = view === 'stream' && pane.stream !== undefined;
  const text = isStream ? pane.stream : pretty(pane.body);
  const shown = text.slice(0, MAX_SHOWN);
  const pre = el('pre', { tabIndex: 0, role: 'region', class: isStream ? 'stream' : '', 'aria-label': `${NAMES[dialect]} ${isStream ? 'stream' : 'body'}` });
  const more = text.length - shown.length;
  pre.append(...(isStream ? stream(shown) : body(shown, pane.changes ?? [])), more > 0 ? `\n… ${counted(more, 'character')} more` : '');
  if (text === '') pre.append(el('span', { class: 'quiet' }, 'nothing is sent'));
  return [head(dialect, pane, isStream ? pane.stream : pane.body), pre, rejection(pane), notes(pane), changes(pane, pre, pick)].filter(Boolean);
}

function head(dialect, pane, text) {
  const copy = el('button', { type: 'button', class: 'small', 'aria-label': `Copy ${NAMES[dialect]}` }, 'Copy');
  copy.addEventListener('click', async () => {
    copy.textContent = await navigator.clipboard.writeText(text).then(() => 'Copied', () => 'Not allowed');
  });
  return el('div', { class: 'head' }, el('h3', {}, NAMES[dialect]), badge(pane.state), copy);
}

/** The names of SSE fields and of JSON members are quiet, what they have is not. */
function stream(text) {
  return text.split(/(?<=\n)/).flatMap((line) => {
    const [, field, rest] = /^(data:|event:)([^]*)$/.exec(line) ?? [];
    if (field === undefined) return [el('span', { class: 'quiet' }, line)];
    return [el('span', { class: 'quiet' }, field), ...(field === 'data:' ? json(rest, []) : [el('span', { class: 'event' }, rest)])];
  });
}

const ROLES = { key: 'key', sign: 'quiet', value: 'literal' };

function json(text, marks) {
  const roles = tokens(text).filter(({ role }) => ROLES[role]);
  const all = [...roles.map(({ at, text: sign, role }) => ({ from: at, to: at + sign.length, name: ROLES[role] })), ...marks];
  return runs(text, all).map(({ text: run, names }) => (names.length > 0 ? el('span', { class: names.join(' ') }, run) : run));
}

function body(text, changes) {
  const places = ranges(text);
  const marks = changes.flatMap(({ action, path }, nth) => {
    const range = LEFT[action] && places.get(path);
    return range ? [{ ...range, name: `mark ${LEFT[action]} change-${nth}` }] : [];
  });
  return json(text, marks);
}

function rejection({ error }) {
  if (!error) return null;
  const place = error.path ? el('code', {}, error.path) : null;
  return el('p', { class: 'rejection' }, badge(error.code), ' ', place, place ? ' ' : null, error.message);
}

function notes({ notes: all }) {
  if (!all?.length) return null;
  const rows = all.map(({ code, path, detail }) => {
    const words = [path, detail].filter(Boolean).join(': ');
    return el('li', {}, el('code', {}, code), ' ', el('span', { class: 'quiet' }, words));
  });
  return el('details', { open: true }, el('summary', {}, counted(all.length, 'note')), el('ul', {}, ...rows));
}

/** The ledger. A change leads to its place: in the body where it left something, else in the input. */
function changes({ changes: all, state }, pre, pick) {
  if (all === undefined || state === 'rejected') return null;
  if (all.length === 0) return el('p', { class: 'none quiet' }, 'no change');
  const rows = all.map((change, nth) => {
    const mark = pre.querySelector(`.change-${nth}`);
    const words = [badge(change.action), ' ', el('code', {}, change.path), ' ', el('span', { class: 'quiet' }, change.reason)];
    const row = el('button', { type: 'button', class: 'change' }, ...words);
    for (const [event, isOn] of [['mouseenter', true], ['focus', true], ['mouseleave', false], ['blur', false]]) {
      row.addEventListener(event, () => pre.querySelectorAll(`.change-${nth}`).forEach((run) => run.classList.toggle('on', isOn)));
    }
    row.addEventListener('click', () => (mark ? mark.scrollIntoView({ block: 'nearest' }) : pick(change)));
    return el('li', {}, row);
  });
  return el('details', { open: true, class: 'ledger' }, el('summary', {}, counted(all.length, 'change')), el('ul', {}, ...rows));
}
