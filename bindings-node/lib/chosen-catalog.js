'use strict';
// A catalog among options. Not part of the package's entry.
// Input: what the host gave. Output: what the addon takes. State: the addon's object of each catalog.

/** @type {WeakMap<object, object>} */
const natives = new WeakMap();

/** A catalog among options: the addon's object, or what the core reads as JSON. */
function chosen(catalog) {
  const own = natives.get(catalog) ?? null;
  return own === null ? { own, asJson: catalog } : { own };
}

module.exports = { chosen, natives };
