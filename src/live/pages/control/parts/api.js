import { token } from './page.js';

/**
 * Asks the HTTP API of the show; a `Blob` is sent as it is, other bodies as JSON. Throws an error with `code`, `message` and
 * `hint` where the answer is no.
 */
export async function api(method, path, body) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const response = await fetch(`/api/${path}`, { method, headers, body: sent }).catch(() => undefined);
  if (!response) throw problem('The connection is lost.', 'Try again when it is back.');
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer) return answer;
  throw problem(answer?.message ?? `The show does not answer (${response.status}).`, answer?.hint, answer?.code);
}

function problem(message, hint, code) {
  return Object.assign(new Error(message), { hint, code });
}
