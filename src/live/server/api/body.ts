import type { IncomingMessage } from 'node:http';
import { OptionError } from '../../../errors.js';

/** A body that is too large. */
export class TooLarge extends OptionError {}

/**
 * The bytes that a request brings. What is too much is read to its end and forgotten: a client that is still sending would
 * not hear the answer.
 *
 * @param most bytes that it may have
 * @throws TooLarge `API_BODY`
 */
export async function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= most) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > most) throw new TooLarge('API_BODY', `The request's body has more than ${most} bytes.`, HINT);
  return Buffer.concat(chunks);
}

/**
 * The JSON object that a request brings; an empty one where it brings nothing.
 *
 * @param most bytes that it may have
 * @throws OptionError `API_BODY`
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Record<string, unknown>> {
  const text = (await readBytes(request, most)).toString().trim();
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

const HINT = { hint: 'See docs/api.md for what each address takes.' };

function wrong(what: string): OptionError {
  return new OptionError('API_BODY', `The request's body is ${what}; expected a JSON object.`, HINT);
}
