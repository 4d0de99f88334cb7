// A document in every form that JavaScript has it.

/** The same document as bytes, as text and as an object, where those can be the same. */
export function forms(document) {
  const text = document.toString();
  return Buffer.from(text).equals(document) ? [document, text, ...objects(text)] : [document];
}

/** What is written as it was read, but for a line end. */
function objects(text) {
  try {
    const parsed = JSON.parse(text);
    return JSON.stringify(parsed) === text.replace(/\n$/, '') && Object(parsed) === parsed ? [parsed] : [];
  } catch {
    return [];
  }
}
