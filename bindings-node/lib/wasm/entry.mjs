// The bundle for browsers and workers: the package's files over a module that the host has compiled.
// Input: the module. Output: every name of the package's two entries. State: one instance.
import { load as instantiate } from './load.js';
import native from './given.js';

let names = null;

/** Instantiates the module at the first call; later ones give the same names. */
export function load(module) {
  if (names === null) {
    Object.assign(native, instantiate(module));
    names = { ...require('../../index.js'), ...require('../../fetch.js') };
  }
  return names;
}
