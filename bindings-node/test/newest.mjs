// Preloaded (node --import): the package `openai` is that of the folder NEWEST, whoever imports it.
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const parentURL = pathToFileURL(join(process.env.NEWEST ?? '', 'any.mjs')).href;
registerHooks({
  resolve(specifier, context, next) {
    return next(specifier, /^openai(\/|$)/.test(specifier) ? { ...context, parentURL } : context);
  },
});
