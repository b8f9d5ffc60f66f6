import { OptionError } from './errors.js';

/** The error for an invalid option. */
export function optionError(name: string, expected: string, got: string, hint = `Give another ${name}.`): OptionError {
  return new OptionError('OPTION_VALUE', `${name}: expected ${expected}, got ${got}`, { hint });
}

/**
 * A given option that differs from the settings that a run was begun with. @param decided the settings that options
 * result in.
 */
export function changedOption<Options extends object, Begun>(
  options: Options,
  decided: Partial<Record<keyof Options, (settings: Begun) => unknown>>,
  begun: Begun,
  asked: Begun,
): (keyof Options & string) | undefined {
  const names = Object.keys(decided) as (keyof Options & string)[];
  return names.find((name) => options[name] !== undefined && decided[name]!(asked) !== decided[name]!(begun));
}
