// Places in a text, in bytes and in characters.
//   Input: a text or its bytes
//   Output: offsets, lines, runs of marks
//   State: none
const encoder = new TextEncoder();

export const encode = (text) => encoder.encode(text);

/** For each byte of a text, and its end, the character that it belongs to. */
export function characters(bytes) {
  const found = new Uint32Array(bytes.length + 1);
  let at = 0;
  bytes.forEach((byte, nth) => {
    if (nth > 0 && (byte & 0xc0) !== 0x80) at += 1; // a new character begins
    found[nth] = at;
    if (byte >= 0xf0) at += 1; // it is two in UTF-16
  });
  found[bytes.length] = bytes.length === 0 ? 0 : at + 1;
  return found;
}

/** The pieces of a stream that end with a line, each with the offset behind it. */
export function lines(bytes) {
  const found = [];
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(10, from);
    const to = at < 0 ? bytes.length : at + 1;
    found.push({ piece: bytes.subarray(from, to), to });
    from = to;
  }
  return found;
}

/** The line that a character stands in. */
export function lineAround(text, at) {
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  return [from, end < 0 ? text.length : end];
}

/** A text in runs: each with the classes of the marks that it lies in. */
export function runs(text, marks) {
  const edges = new Set([0, text.length]);
  for (const { from, to } of marks) edges.add(from).add(to);
  const sorted = [...edges].filter((edge) => edge >= 0 && edge <= text.length).sort((a, b) => a - b);
  const open = [...marks].sort((a, b) => a.from - b.from);
  let active = [];
  return sorted.slice(1).map((to, nth) => {
    const from = sorted[nth];
    while (open.length > 0 && open[0].from <= from) active.push(open.shift());
    active = active.filter((mark) => mark.to > from);
    return { text: text.slice(from, to), names: active.map(({ name }) => name) };
  });
}

export const number = (value) => value.toLocaleString('en');
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
