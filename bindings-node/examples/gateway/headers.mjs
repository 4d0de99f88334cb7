// Enters: the headers of one side. Leaves: those for the other side.

/** Of the connection, or of a body that is another one now. */
const OWN = /^(host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|expect|origin|cookie|forwarded)$/;
const OWN_FAMILY = /^(accept|content-|proxy-|sec-|x-forwarded-)/;

/** The client's, its authorization with them, and what the backend expects. */
export function upstreamHeaders(headers, profile, transport) {
  const passed = [...headers].filter(([name]) => !OWN.test(name) && !OWN_FAMILY.test(name));
  const type = transport === 'http' ? { 'content-type': 'application/json' } : {};
  return { ...Object.fromEntries(passed), ...type, ...profile.headers(transport) };
}

/** What the upstream says of the account, the model and the request. */
export function clientHeaders(headers) {
  return Object.fromEntries([...headers].filter(([name]) => /^(x-|openai-)/.test(name)));
}
