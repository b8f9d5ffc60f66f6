import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { PresetError } from '../../errors.js';

type Issue = z.core.$ZodIssue;

/**
 * Turns schema issues into one error that names file, field, expected and actual value; the first issue is
 * described in full, the others are counted.
 */
export function explain(error: z.ZodError, value: unknown, file: string): PresetError {
  const [issue] = error.issues as [Issue];
  const more = error.issues.length - 1;
  const others = more === 0 ? '' : ` (and ${more} more ${more === 1 ? 'fault' : 'faults'})`;
  const [fault, hint] = issue.code === 'unrecognized_keys' ? unknownField(issue) : wrongField(issue, value);
  return new PresetError('PRESET_MANIFEST', `${file}: ${fault}${others}.`, { hint });
}

function wrongField(issue: Issue, value: unknown): [fault: string, hint: string] {
  const got = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  const field = pathOf(issue.path);
  const where = field === '' ? 'the manifest' : `field "${field}"`;
  return [`${where} is ${show(got)}; expected ${issue.message}`, 'Correct the field, or import the network again.'];
}

function unknownField(issue: Extract<Issue, { code: 'unrecognized_keys' }>): [fault: string, hint: string] {
  const [key = ''] = issue.keys;
  const field = pathOf([...issue.path, key.slice(0, 100)]);
  const fields = issue.message.replace(/^.* fields /, '').split(', ');
  const near = closest(key.slice(0, 100), fields);
  const hint =
    distance(key.slice(0, 100), near) <= 3 ? `Did you mean "${near}"?` : 'Remove it; the manifest has no such field.';
  return [`unknown field ${show(field)}; expected ${issue.message}`, hint];
}

function pathOf(path: PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** A value as short, printable text. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  const json = JSON.stringify(value) ?? String(value);
  const short = json.length > 80 ? `${json.slice(0, 77)}...` : json;
  return short.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}
