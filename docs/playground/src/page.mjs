// The playground: what is put in is read again by the library whenever anything changes.
//   Input: what the visitor pastes, drops, picks and cuts; a shared address
//   Output: the page
//   State: `state`, all that an address shares; `known`, what the whole input is
import { detect } from './detect.mjs';
import { byId, el } from './dom.mjs';
import { editor } from './editor.mjs';
import { showFacts } from './facts.mjs';
import { ranges } from './json.mjs';
import { DIALECTS, NAMES, library } from './library.mjs';
import { showPanes } from './panes.mjs';
import { eyesOf, read, timeline } from './read.mjs';
import { MAX_FRAGMENT, fromFragment, toFragment } from './share.mjs';
import { strip } from './strip.mjs';
import { characters, counted, encode, lineAround, number } from './text.mjs';

const MAX_INPUT = 2 * 1024 * 1024; // bytes
const FIRST = { text: '', kind: 'auto', dialect: 'auto', status: null, profile: 'codex', eyes: null, cut: null, show: 'all', view: 'stream' };
const KINDS = { stream: 'a $ stream', frames: '$ frames', document: 'a finished $ answer', request: 'a $ request', failure: 'a failure' };
const MARKS = { removed: 'removed', rejected: 'removed', renamed: 'edited', replaced: 'edited', moved: 'edited' };

const samples = JSON.parse(byId('samples').textContent);
const area = byId('input');
const input = editor(area, byId('behind'));
const cutter = strip((cut) => update({ cut: cut === known.bytes.length ? null : cut }));
let lib;
let state = { ...FIRST };
let known = { bytes: encode(''), chars: characters(encode('')), kind: 'nothing', dialect: 'responses' };
let due = false;

const say = (text) => (byId('said').textContent = text);

/** Takes what is different, and reads all again before the next frame. */
function update(changes) {
  state = { ...state, ...changes };
  if (['text', 'kind', 'dialect'].some((member) => member in changes)) know();
  if (due) return;
  due = true;
  byId('panes').ariaBusy = 'true';
  requestAnimationFrame(() => {
    due = false;
    try {
      show();
    } catch (error) {
      say(`This cannot be shown: ${error.message}`);
      throw error;
    } finally {
      byId('panes').ariaBusy = 'false';
    }
  });
}

/** What the whole input is; the cut moves in it. */
function know() {
  const bytes = encode(state.text);
  const found = detect(lib, bytes);
  const kind = state.kind === 'auto' || found.kind === 'nothing' ? found.kind : state.kind;
  const dialect = state.dialect === 'auto' ? (kind === 'request' || found.dialect !== 'auto' ? found.dialect : 'responses') : state.dialect;
  known = { bytes, chars: characters(bytes), kind, dialect };
  if (state.cut !== null && state.cut >= bytes.length) state.cut = null;
  cutter.show(timeline(lib, known), bytes.length);
}

function show() {
  const cut = state.cut ?? known.bytes.length;
  const { profile, eyes } = state;
  const status = state.status >= 100 && state.status <= 599 ? state.status : null;
  const result = read(lib, { ...known, bytes: known.bytes.subarray(0, cut), status, profile, eyes });
  controls();
  cutter.move(cut);
  showFacts(result, ({ offset }) => input.select(...lineAround(state.text, known.chars[offset])));
  showPanes(result.panes, { view: state.view, pick: ({ path }) => pickPath(path) });
  input.mark(marksOf(result, cut), known.chars[cut]);
}

/** Findings at their lines, changes of a request at their members. */
function marksOf({ findings, panes }, cut) {
  const lines = findings.filter(({ offset }) => offset < cut).map(({ offset, severity }) => {
    const [from, to] = lineAround(state.text, known.chars[offset]);
    return { from, to, name: severity };
  });
  const worst = new Map(lines.sort((a, b) => (a.name === 'error') - (b.name === 'error')).map((line) => [line.from, line]));
  const places = known.kind === 'request' ? ranges(state.text) : new Map();
  const shown = DIALECTS.filter((dialect) => state.show === 'all' || state.show === dialect);
  const changes = shown.flatMap((dialect) => panes[dialect]?.changes ?? []);
  const members = changes.flatMap(({ action, path }) => (MARKS[action] && places.has(path) ? [{ ...places.get(path), name: MARKS[action] }] : []));
  return [...worst.values(), ...members];
}

function pickPath(path) {
  const place = ranges(state.text).get(path);
  if (place) input.select(place.from, place.to);
  else say(`${path} is neither in the input nor in the body: it stands in the Responses form between them`);
}

/** The controls have what the state has, and only those are there that the kind has a use for. */
function controls() {
  const { kind, dialect } = known;
  for (const name of ['kind', 'dialect', 'profile']) byId(name).value = state[name];
  byId('status').value = state.status ?? '';
  byId('for-dialect').hidden = kind === 'failure' || kind === 'nothing';
  byId('for-status').hidden = kind !== 'document' && kind !== 'failure';
  byId('for-profile').hidden = kind !== 'request';
  byId('views').hidden = !['stream', 'frames', 'document'].includes(kind);
  byId('strip').hidden = kind === 'nothing';
  const names = eyesOf(dialect);
  byId('eyes').replaceChildren(...names.map((name) => el('option', { value: name, selected: name === state.eyes }, name)));
  byId('panes').className = `panes ${state.show}`;
  for (const name of ['show', 'view']) document.getElementsByName(name).forEach((radio) => (radio.checked = radio.value === state[name]));
  byId('recognized').textContent = kind === 'nothing' ? 'Paste, drop or pick something' : `Read as ${recognized(kind, dialect)}`;
}

const recognized = (kind, dialect) => KINDS[kind].replace('$', NAMES[dialect] ?? '').replace('  ', ' ');

function restart(changes) {
  const { show: shown, view } = state;
  area.value = changes.text;
  area.scrollTop = 0;
  update({ ...FIRST, show: shown, view, ...changes, text: area.value });
}

async function open(file) {
  if (!file) return;
  if (file.size > MAX_INPUT) return say(`${file.name} has ${number(file.size)} bytes: more than the ${number(MAX_INPUT)} that this page takes`);
  const text = await file.text();
  restart({ text });
  say(text.includes('\r') ? `${file.name}: its line ends are read as LF here` : `${file.name} is open; it stays in this page`);
}

async function share() {
  const fragment = await toFragment(state);
  if (fragment === null) return say(`Too long to share: an address has at most ${number(MAX_FRAGMENT / 1024)} KiB here`);
  history.replaceState(null, '', fragment);
  try {
    await navigator.clipboard.writeText(location.href);
    say(`The address is copied, ${counted(location.href.length, 'character')}; it has the whole input in it`);
  } catch {
    say('The address of this page now has the whole input in it');
  }
}

const isOption = (value, name) => [...byId(name).options].some((option) => option.value === value);
const isChoice = (value, name) => [...document.getElementsByName(name)].some((radio) => radio.value === value);
const isCount = (value) => value === null || (Number.isInteger(value) && value >= 0);
const isText = (value) => typeof value === 'string';
const CHECKS = {
  text: isText, kind: isOption, dialect: isOption, profile: isOption, eyes: isText, show: isChoice, view: isChoice, cut: isCount, status: isCount,
};

/** Of a shared state, what the page itself could have made. */
const own = (shared) => Object.fromEntries(Object.entries(shared).filter(([name, value]) => CHECKS[name]?.(value, name)));

async function fromAddress() {
  const shared = await fromFragment(location.hash);
  if (shared) restart(own(shared));
  return shared !== null;
}

function listen() {
  area.addEventListener('input', () => {
    if (area.value.length > MAX_INPUT) area.value = area.value.slice(0, MAX_INPUT);
    update({ text: area.value, cut: null });
  });
  const picked = (element, name) => element.addEventListener('change', () => update({ [name]: element.value }));
  for (const name of ['kind', 'dialect', 'profile', 'eyes']) picked(byId(name), name);
  for (const name of ['show', 'view']) document.getElementsByName(name).forEach((radio) => picked(radio, name));
  byId('status').addEventListener('input', ({ target }) => update({ status: target.value === '' ? null : Number(target.value) }));
  byId('sample').addEventListener('change', ({ target }) => restart({ text: samples[target.value].text, status: samples[target.value].status ?? null }));
  byId('share').addEventListener('click', share);
  byId('open').addEventListener('click', () => byId('file').click());
  byId('file').addEventListener('change', ({ target }) => open(target.files[0]).then(() => (target.value = '')));
  addEventListener('hashchange', fromAddress);
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    open(event.dataTransfer.files[0]);
  });
}

async function start() {
  byId('sample').append(...samples.map(({ title }, nth) => el('option', { value: nth }, title)));
  lib = await library(byId('module'));
  listen();
  if (!(await fromAddress())) restart({ text: samples[0].text });
  byId('all').hidden = false;
}

start().catch((error) => {
  byId('recognized').textContent = `The module does not run here: ${error.message}`;
});
