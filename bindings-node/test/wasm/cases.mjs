// The cases, with fewer cuts: Node's own suite has them all, and a runtime only has to show that it does the same.
import { cuttings as all } from '../cases.mjs';

export * from '../cases.mjs';

const CUTS = 8;

/** Whole, in single bytes, and in some other ways that are far from each other. */
export function* cuttings(input) {
  const ways = input.length < 4096 ? input.length + 1 : 32;
  const step = Math.max(1, Math.floor(ways / CUTS));
  let nth = 0;
  for (const chunks of all(input)) {
    if (nth < 2 || nth % step === 0) yield chunks;
    nth += 1;
  }
}
