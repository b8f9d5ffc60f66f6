import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { SoundTrack } from '#src/live/outputs/encode/sound-track.js';

/** Seconds of sound in which every sample of both channels has a value. */
function tone(seconds: number, value: number): Buffer {
  return Buffer.from(new Int16Array(seconds * 48_000 * 2).fill(value).buffer);
}

/** Value and seconds of each run of equal samples. */
function runs(stream: PassThrough): [value: number, seconds: number][] {
  const data: Buffer = stream.read() ?? Buffer.alloc(0);
  const found: [number, number][] = [];
  for (let n = 0; n < data.length; n += 4) {
    const value = data.readInt16LE(n);
    const last = found.at(-1);
    if (last?.[0] === value) last[1] += 1 / 48_000;
    else found.push([value, 1 / 48_000]);
  }
  return found.map(([value, seconds]) => [value, Math.round(seconds * 1000) / 1000]);
}

const wide = () => new PassThrough({ highWaterMark: 2 ** 24 });

test('consecutive blocks pass unchanged', () => {
  const to = wide();
  const track = new SoundTrack(to, 5);
  track.push({ pts: 5, data: tone(0.1, 1) });
  track.push({ pts: 5.101, data: tone(0.1, 2) });
  expect(runs(to)).toEqual([
    [1, 0.1],
    [2, 0.1],
  ]);
});

test('a gap becomes silence; early or overlapping sound is cut', () => {
  const to = wide();
  const track = new SoundTrack(to, 1);
  track.push({ pts: 0, data: tone(0.5, 9) });
  track.push({ pts: 0.9, data: tone(0.2, 1) });
  track.push({ pts: 1.5, data: tone(0.1, 2) });
  track.push({ pts: 1.55, data: tone(0.1, 3) });
  expect(runs(to)).toEqual([
    [1, 0.1],
    [0, 0.4],
    [2, 0.1],
    [3, 0.05],
  ]);
});

test('is filled with silence up to a time, and no further', () => {
  const to = wide();
  const track = new SoundTrack(to, 0);
  track.fillTo(0.25);
  track.fillTo(0.1);
  track.push({ pts: 0.2, data: tone(0.1, 1) });
  expect(runs(to)).toEqual([
    [0, 0.25],
    [1, 0.05],
  ]);
});

test('an encoder that reads nothing does not fill the memory, and stays in time', () => {
  const stuck = new Writable({ write: () => undefined });
  const track = new SoundTrack(stuck, 0);
  for (let n = 0; n < 600; n++) track.push({ pts: n / 10, data: tone(0.1, 1) });
  track.fillTo(120);
  expect(stuck.writableLength).toBeLessThan(2 ** 20 + 20_000);
});
