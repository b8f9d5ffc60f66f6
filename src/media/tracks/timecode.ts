import type { Rational } from '../../frame.js';

const PATTERN = /^(\d\d):(\d\d):(\d\d)([:;.])(\d\d)$/;

/**
 * A SMPTE timecode (`hh:mm:ss:ff`, or `hh:mm:ss;ff` where numbers are dropped so that it keeps with the clock) some
 * seconds later; undefined where it is none. Source: SMPTE ST 12-1.
 */
export function laterTimecode(timecode: string, seconds: number, frameRate: Rational): string | undefined {
  const found = PATTERN.exec(timecode);
  if (!found) return undefined;
  const rate = frameRate.num / frameRate.den;
  const nominal = Math.round(rate);
  if (nominal < 1) return undefined;
  const [hours, minutes, whole, frames] = [found[1], found[2], found[3], found[5]].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const drops = found[4] !== ':' && nominal % 30 === 0;
  // Numbers dropped at the beginning of each minute but every tenth.
  const dropped = drops ? (nominal / 30) * 2 : 0;
  const minute = hours * 60 + minutes;
  const counted = (minute * 60 + whole) * nominal + frames - dropped * (minute - Math.floor(minute / 10));
  const day = 24 * 60 * 60 * nominal - dropped * (24 * 54);
  const shown = (((counted + Math.round(seconds * rate)) % day) + day) % day;
  return write(shown, nominal, dropped, found[4]!);
}

function write(shown: number, nominal: number, dropped: number, separator: string): string {
  const tenMinutes = nominal * 600 - dropped * 9;
  const tens = Math.floor(shown / tenMinutes);
  const rest = shown % tenMinutes;
  const skipped = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / (nominal * 60 - dropped));
  const number = shown + dropped * (9 * tens + skipped);
  const [frames, all] = [number % nominal, Math.floor(number / nominal)];
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(all / 3600) % 24)}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}${separator}${two(frames)}`;
}
