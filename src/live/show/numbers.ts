import { MOST_THREADS } from '../../engine/threads/most-threads.js';
import { OptionError } from '../../errors.js';

/** What a number may be. */
interface Range {
  readonly least: number;
  readonly most: number;
  /** Whether it has to be a whole one. */
  readonly whole: boolean;
}

const whole = (least: number, most: number): Range => ({ least, most, whole: true });
const any = (least: number, most: number): Range => ({ least, most, whole: false });

/** The numbers with which a show is started, beside its settings. */
const RANGES = {
  port: whole(0, 65_535),
  osc: whole(0, 65_535),
  viewers: whole(0, 100_000),
  fps: any(1, 240),
  height: whole(64, 2160),
  kilobits: whole(100, 100_000),
  threads: whole(1, MOST_THREADS),
  maskFeather: any(0, 1000),
  vary: any(0, 1),
  varySeed: whole(0, 0xffff_ffff),
} as const;

/** Names of these numbers. */
export type NumberName = keyof typeof RANGES;

/**
 * Checks numbers that someone gave.
 *
 * @throws OptionError `LIVE_OPTION`
 */
export function checkNumbers(given: { readonly [K in NumberName]?: number | undefined }): void {
  for (const [name, { least, most, whole }] of Object.entries(RANGES)) {
    const value = given[name as NumberName];
    if (value === undefined || (value >= least && value <= most && (!whole || Number.isInteger(value)))) continue;
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const expected = `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`;
    throw new OptionError('LIVE_OPTION', `${option} is ${value}; expected ${expected}.`, {
      hint: `Correct --${option} or leave it out.`,
    });
  }
}
