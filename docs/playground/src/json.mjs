// JSON as it is written: indented, and where each member stands. Nothing is parsed, so numbers and escapes stay.
//   Input: a text, which may be cut or no JSON at all
//   Output: its tokens, the text with indentation, the range of each path
//   State: none
const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;
const INDENT = '  ';

/** `role`: `key`, `string`, `value` or `sign`. */
export function tokens(text) {
  const found = [...text.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index, role: 'value' }));
  found.forEach((token, nth) => {
    if ('{}[],:'.includes(token.text)) token.role = 'sign';
    else if (token.text[0] === '"') token.role = found[nth + 1]?.text === ':' ? 'key' : 'string';
  });
  return found;
}

export function pretty(text) {
  const all = tokens(text);
  let depth = 0;
  let written = '';
  const line = () => `\n${INDENT.repeat(Math.max(depth, 0))}`;
  all.forEach(({ text: sign }, nth) => {
    const opens = sign === '{' || sign === '[';
    const closes = sign === '}' || sign === ']';
    const isEmpty = closes && '{['.includes(all[nth - 1]?.text ?? ' ');
    if (closes) depth -= 1;
    written += closes && !isEmpty ? line() + sign : sign;
    if (opens) depth += 1;
    if (sign === ':') written += ' ';
    else if (sign === ',' || (opens && !'}]'.includes(all[nth + 1]?.text ?? ']'))) written += line();
  });
  return written;
}

/** Path, as the library writes it, to the range of the member with its name; of duplicates the first. */
export function ranges(text) {
  const found = new Map();
  const stack = [];
  const path = () => stack.map(({ index, key }, nth) => (index === null ? (nth ? '.' : '') + key : `[${index}]`)).join('');
  const add = (name, range) => found.has(name) || found.set(name, range);
  for (const { text: sign, at, role } of tokens(text)) {
    const top = stack.at(-1);
    if (role === 'key') Object.assign(top ?? {}, { key: sign.slice(1, -1), from: at, keyTo: at + sign.length });
    else if (sign === ',' && top?.index !== null && top) top.index += 1;
    else if (sign === '{' || sign === '[') {
      stack.push({ index: sign === '[' ? 0 : null, key: '', opened: at, from: at, keyTo: at });
    } else if (sign === '}' || sign === ']') {
      const closed = stack.pop();
      if (closed && stack.length > 0) add(path(), rangeOf(stack.at(-1), closed.opened, at + 1, isShort(text.slice(closed.opened, at))));
    } else if (role !== 'sign' && stack.length > 0) add(path(), rangeOf(top, at, at + sign.length, true));
  }
  return found;
}

const isShort = (text) => text.length < 60 && !text.includes('\n');

/** A long object or list is marked by its name alone, or where it opens. */
function rangeOf(parent, at, to, isPlain) {
  const from = parent.index === null ? parent.from : at;
  if (isPlain) return { from, to };
  return { from, to: parent.index === null ? parent.keyTo : at + 1 };
}
