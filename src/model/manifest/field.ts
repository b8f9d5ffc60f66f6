import { z } from 'zod';

// Kinds of field, each with a description of what is expected, for the error message.

// Names and titles are printed in terminals, so control characters (escape sequences, line ends) are not allowed in
// them.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const printable = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u;

/** Converts any text, such as a file name, to one that `text(most)` accepts. */
export function lineOf(any: string, most: number): string {
  return any.replaceAll(unprintable, ' ').slice(0, most);
}

/** A line of text of at most `most` characters. */
export function text(most: number, least = 0) {
  const error = `text of ${least} to ${most} characters without control characters`;
  return z.string(error).min(least, error).max(most, error).regex(printable, error);
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.number(error).int(error).min(least, error).max(most, error);
}

/** A finite number that a float32 holds. */
export function number() {
  const error = 'a finite number';
  return z.number(error).min(-3.4e38, error).max(3.4e38, error);
}

/** One of a few words. */
export function word<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, `one of ${words.map((item) => `"${item}"`).join(', ')}`);
}

/** Text of a shape, described in words. */
export function shaped(pattern: RegExp, expected: string) {
  return z.string(expected).regex(pattern, expected);
}

/** A list of at most `most` items of one kind. */
export function list<Item extends z.ZodType>(item: Item, most: number, least = 0) {
  const error = `a list of ${least} to ${most} items`;
  return z.array(item, error).min(least, error).max(most, error);
}

/** An object with these fields and no others. */
export function record<Shape extends z.ZodRawShape>(shape: Shape) {
  const expected = `an object with the fields ${Object.keys(shape).join(', ')}`;
  return z.strictObject(shape, expected);
}
