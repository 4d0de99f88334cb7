// The input: a text area, and behind it the same text with its marks.
//   Input: the text, marks as ranges with a class, the character where it is cut
//   Output: the text, when it changes; a selection, when one is asked for
//   State: the text area itself
import { el } from './dom.mjs';
import { runs } from './text.mjs';

const MAX_MARKED = 400_000; // characters; more are shown without marks

export function editor(area, behind) {
  const follow = () => {
    behind.scrollTop = area.scrollTop;
    behind.scrollLeft = area.scrollLeft;
  };
  area.addEventListener('scroll', follow);
  new ResizeObserver(follow).observe(area);
  return {
    mark(marks, cutAt) {
      const isPlain = area.value.length > MAX_MARKED;
      area.classList.toggle('plain', isPlain);
      behind.replaceChildren(...(isPlain ? [] : marked(area.value, marks, cutAt)));
      follow();
    },
    select(from, to) {
      area.focus();
      area.setSelectionRange(from, to);
      const mark = behind.querySelector(`[data-from="${from}"]`);
      if (mark) area.scrollTop = mark.offsetTop - area.clientHeight / 3;
    },
  };
}

function marked(text, marks, cutAt) {
  const all = [...marks, { from: cutAt, to: text.length, name: 'cut' }];
  let at = 0;
  const spans = runs(text, all).map(({ text: run, names }) => {
    const from = at;
    at += run.length;
    return names.length > 0 ? el('mark', { class: names.join(' '), 'data-from': from }, run) : run;
  });
  return [...spans, '\n']; // a last empty line has a height, as in the text area
}
