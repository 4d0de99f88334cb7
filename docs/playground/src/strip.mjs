// The cut, and above it the items of the stream over the bytes that bring them.
//   Input: a timeline, the length of the input, the cut
//   Output: the cut, when it is moved
//   State: the slider, the ends of the input's events
import { byId, el } from './dom.mjs';
import { number } from './text.mjs';

const WIDTH = 1000;
const SVG = 'http://www.w3.org/2000/svg';

export function strip(onCut) {
  const [slider, lanes, said] = ['cut', 'lanes', 'cut-text'].map(byId);
  let events = [];
  slider.addEventListener('input', () => onCut(Number(slider.value)));
  const onClick = (id, next) => byId(id).addEventListener('click', () => onCut(next(Number(slider.value)) ?? Number(slider.max)));
  onClick('before', (cut) => events.findLast((end) => end < cut) ?? 0);
  onClick('after', (cut) => events.find((end) => end > cut));
  onClick('whole', () => null);
  return {
    show(timeline, length) {
      events = timeline.events;
      slider.max = length;
      byId('strip').classList.toggle('bare', events.length === 0);
      const rows = [eventsLane(timeline, length), ...timeline.items.map((item) => itemLane(item, length))];
      lanes.replaceChildren(...(timeline.events.length > 0 ? rows.flat() : []));
    },
    move(cut) {
      slider.value = cut;
      const length = Number(slider.max);
      const nth = events.filter((end) => end <= cut).length;
      const place = events.length > 0 ? `, event ${number(nth)} of ${number(events.length)}` : '';
      const text = cut === length ? `all ${number(length)} bytes` : `${number(cut)} of ${number(length)} bytes${place}`;
      said.textContent = text;
      slider.setAttribute('aria-valuetext', text);
      byId('strip').style.setProperty('--cut', length === 0 ? 1 : cut / length);
      lanes.querySelectorAll('[data-from]').forEach((lane) => lane.classList.toggle('later', Number(lane.dataset.from) > cut));
    },
  };
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

function drawing(length, bar, ticks, name) {
  const x = (at) => Math.round((at / length) * WIDTH);
  const svg = shape('svg', { viewBox: `0 0 ${WIDTH} 16`, preserveAspectRatio: 'none', class: `lane ${name}`, 'aria-hidden': 'true' });
  if (bar) svg.append(shape('rect', { x: x(bar[0]), y: 1, width: Math.max(x(bar[1]) - x(bar[0]), 3), height: 14 }));
  const places = new Set(ticks.map(x)); // what falls on one place is drawn once
  svg.append(shape('path', { d: [...places].map((at) => `M${at} 3V13`).join('') }));
  return svg;
}

function eventsLane({ events, end }, length) {
  const ended = end ? `${end.status}` : 'no end';
  const label = el('span', { class: 'label' }, 'events ', el('span', { class: 'quiet' }, `${number(events.length)}, ${ended}`));
  return [label, drawing(length, null, events, 'events')];
}

function itemLane(item, length) {
  const { index, type, name, from, to, deltas } = item;
  const words = [type.replaceAll('_', ' '), name].filter(Boolean).join(' ');
  const title = `output[${index}]: ${words}, ${number(deltas.length)} deltas, bytes ${number(from)} to ${number(to)}`;
  const label = el('span', { class: 'label', title, 'data-from': from }, el('span', { class: 'quiet' }, `${index} `), words);
  label.append(el('span', { class: 'sr' }, `, ${number(deltas.length)} deltas, bytes ${number(from)} to ${number(to)}`));
  return [label, drawing(length, [from, to], deltas, TONES[type] ?? 'other')];
}

const TONES = { reasoning: 'reasoning', message: 'message', function_call: 'call', custom_tool_call: 'call' };
