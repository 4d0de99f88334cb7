// The entry `sluicegate/wasm`: the package over a WebAssembly module that the host has compiled, from `sluicegate/sluicegate.wasm`.
// Browsers, Deno and workers need it only where they cannot fetch or import that file by themselves.
import type * as fetches from './fetch.js';
import type * as names from './index.js';

/** Every name of `sluicegate` and `sluicegate/fetch`. Instantiates the module at the first call; later ones give the same. */
export function load(module: object): typeof names & typeof fetches;
