import { readFileSync } from 'node:fs';
import { messageOf, OptionError } from '../errors.js';

/**
 * The value of an option that is a secret: as given, from the file that `@file` names, or from the
 * environment where the option is not given. Command lines are open to everyone on a machine.
 *
 * @throws OptionError `SECRET_FILE`
 */
export function secret(option: string, value: string | undefined, variable: string): string | undefined {
  if (value === undefined) return process.env[variable]?.trim() || undefined;
  return value.startsWith('@') ? fileText(option, value.slice(1)) : value;
}

/** What a file holds, without the white space around it. @throws OptionError `SECRET_FILE` */
export function fileText(option: string, path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (text === '') throw new Error('it is empty');
    return text;
  } catch (cause) {
    throw new OptionError('SECRET_FILE', `${option} names ${path}, which cannot be read: ${messageOf(cause)}`, {
      hint: `Write what ${option} is to be into that file, or give it without "@".`,
      cause,
    });
  }
}
