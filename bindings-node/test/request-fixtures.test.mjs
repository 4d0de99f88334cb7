// Every fixture of a request, a failure or a conversation, in every form that JavaScript has it: the same as in the other languages.
import { test } from 'node:test';
import { REQUESTS } from './replay/kinds.mjs';

for (const { name, run } of Object.values(REQUESTS).flat()) test(name, run);
