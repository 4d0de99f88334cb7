// Chooses the way upstream.
// Input: a request's body. Output: what decides its way; the body with the name that the model has there. State: none.

/** The model and the types of the tools; none of what is no such request: normalizing it finds what is wrong. */
export function asked(body) {
  const { model, tools } = parsed(body) ?? {};
  const types = Array.isArray(tools) ? tools.map((tool) => tool?.type) : [];
  return { model: typeof model === 'string' ? model : '', tools: types.filter((type) => typeof type === 'string') };
}

/** `gpt-5.5-high` is `gpt-5.5` with an effort, to the backend; an effort that the client gave itself counts. */
export function asRouted(body, { model, effort }) {
  const request = parsed(body);
  if (typeof request?.model !== 'string' || request.model === model) return body;
  request.model = model;
  if (effort !== null && request.messages !== undefined) request.reasoning_effort ??= effort;
  else if (effort !== null) request.reasoning = { effort, ...request.reasoning };
  return Buffer.from(JSON.stringify(request));
}

function parsed(body) {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    return null;
  }
}
