import type { IncomingMessage } from 'node:http';
import { OptionError } from '../../../errors.js';

/**
 * The JSON object that a request brings; an empty one where it brings nothing.
 *
 * @param most bytes that it may have
 * @throws OptionError `API_BODY`
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw wrong(`more than ${most} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString().trim();
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('no JSON object');
  return value as Record<string, unknown>;
}

function wrong(what: string): OptionError {
  return new OptionError('API_BODY', `The request's body is ${what}; expected a JSON object.`, {
    hint: 'See docs/api.md for what each address takes.',
  });
}
