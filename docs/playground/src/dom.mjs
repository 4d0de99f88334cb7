// Elements, made of plain values: texts stay texts, so no input can become markup.
export function el(name, members = {}, ...children) {
  const made = document.createElement(name);
  for (const [member, value] of Object.entries(members)) {
    if (member === 'class') made.className = value;
    else if (member in made) made[member] = value;
    else made.setAttribute(member, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const byId = (id) => document.getElementById(id);

const GOOD = ['completed', 'accepted', 'added'];
const BAD = ['failed', 'truncated', 'rejected', 'error', 'removed'];

/** A word that is good, bad, or neither. */
export function badge(word) {
  const tone = GOOD.includes(word) ? 'good' : BAD.includes(word) ? 'bad' : 'warn';
  return el('span', { class: `badge ${tone}` }, word.replaceAll('_', ' '));
}

/** A list of what is known; what is null is left out. */
export function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return el('dl', {}, ...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}
