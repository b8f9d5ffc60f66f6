import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { flashes } from '../../fixtures/clips.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { copyVideo } from '../../fixtures/passthrough.js';
import { beepTimes, flashTimes, frameTimes } from '../../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

/** Fails unless every flash has its beep. Returns the times of the flashes. */
function expectInSync(path: string, count: number, tolerance: number): number[] {
  const seen = flashTimes(path);
  const heard = beepTimes(path);
  expect(seen.length, 'flashes').toBe(count);
  expect(heard.length, 'beeps').toBe(count);
  const worst = Math.max(...seen.map((t, i) => Math.abs(t - heard[i]!)));
  expect(worst, 'seconds between flash and beep').toBeLessThanOrEqual(tolerance);
  return seen;
}

test('the clip itself is in sync', () => {
  const source = flashes(at('source.mp4'));
  expect(expectInSync(source, 4, 0.001).map((t) => Math.round(t * 1000))).toEqual([200, 700, 1200, 1700]);
});

describe('sound that is copied or re-encoded stays with the picture', () => {
  test.each([
    ['aac', '.mp4', '.mkv', 0.001],
    ['aac', '.mp4', '.ts', 0.001],
    ['aac', '.mp4', '.mov', 0.001],
    ['pcm_s16le', '.mkv', '.mp4', 0.001],
    ['libvorbis', '.mkv', '.mp4', 0.001],
    ['flac', '.mkv', '.ts', 0.001],
    // ffmpeg's Matroska muxer puts Opus 6.5 ms too early.
    ['aac', '.mp4', '.webm', 0.0075],
  ])('%s from %s to %s', async (encoder, from, to, tolerance) => {
    const source = flashes(at(`${encoder}-${to.slice(1)}${from}`), ['-c:a', encoder]);
    const result = at(`${encoder}-copy${to}`);
    await copyVideo(source, result, to === '.webm' ? { crf: 30 } : {});
    expectInSync(result, 4, tolerance);
  });
});

describe('a part of a file', () => {
  test.each([
    ['the end', '.mp4', '.mp4', { start: 0.5 }, [0.2, 0.7, 1.2], 75],
    ['from between key frames', '.mp4', '.mp4', { start: 0.61 }, [0.1, 0.6, 1.1], 69],
    ['the beginning', '.mp4', '.mp4', { duration: 0.8 }, [0.2, 0.7], 40],
    ['the middle', '.mp4', '.mp4', { start: 0.5, duration: 1 }, [0.2, 0.7], 50],
    ['the middle', '.mkv', '.mkv', { start: 0.5, duration: 1 }, [0.2, 0.7], 50],
    ['the middle, from 1.4 s on', '.ts', '.mp4', { start: 0.5, duration: 1 }, [0.2, 0.7], 50],
    ['the middle, re-encoded', '.mkv', '.mp4', { start: 0.5, duration: 1 }, [0.2, 0.7], 50],
    ['the middle, re-encoded, from 1.4 s on', '.ts', '.webm', { start: 0.5, duration: 1 }, [0.2, 0.7], 50],
    ['more than there is', '.mp4', '.mp4', { start: 1.5, duration: 9 }, [0.2], 25],
  ])('%s, %s to %s', async (name, from, to, part, expected, frames) => {
    const codec = from === '.mkv' && to !== '.mkv' ? ['-c:a', 'flac', '-strict', '-2'] : ['-c:a', 'aac'];
    const source = flashes(at(`${name}${to.slice(1)}${from}`), ['-bf', '2', ...codec]);
    const result = at(`${name}-part${to}`);
    const copied = await copyVideo(source, result, { ...part, ...(to === '.webm' ? { crf: 30 } : {}) });
    expect(copied.frames).toBe(frames);
    const times = frameTimes(result);
    expect(times.length).toBe(frames);
    expect(times[0]!).toBeGreaterThanOrEqual(0);
    expect(times[0]!).toBeLessThan(0.02);
    // A cut between two frames leaves up to one frame between a flash and its place.
    const seen = expectInSync(result, expected.length, 0.0105);
    for (const [i, t] of seen.entries()) expect(Math.abs(t - expected[i]!)).toBeLessThan(0.03);
  });
});
