// Named one by one: import cannot see the names of a CommonJS module that computes them.
import fetch from './fetch.js';

export const { chatOverResponses, responsesOverChat } = fetch;
