import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FolderLock } from '#src/jobs/job/lock.js';
import type { LongVideoOptions } from '#src/jobs/options.js';
import { stylizeLongVideo } from '#src/jobs/video.js';
import { stylizeVideo } from '#src/pipeline/stylize/video.js';
import { silent } from '../fixtures/clips.js';
import { failure } from '../fixtures/failure.js';
import { ffprobe, freshFolder } from '../fixtures/ffmpeg.js';
import { preset } from '../fixtures/networks.js';
import { running } from '../fixtures/processes.js';
import { audioChecksums, frameTimes, meanError, rgbFrames, videoStream } from '../fixtures/readback.js';
import { longClip } from './long-clip.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);
const identity = preset(folder, 'identity');
const negative = preset(folder, 'negative');
const input = at('long.mp4');
const BEST = { crf: 0, encoderPreset: 'ultrafast' } as const;
const job = (name: string) => at(`${name}.stylecast-job`);

beforeAll(() => void longClip(input));

/** Stops a job in the segment after so many are done. */
async function stopAfter(segments: number, options: LongVideoOptions) {
  const controller = new AbortController();
  const manifest = join(job(basename(options.output)), 'job.json');
  const stop = () => {
    const done = readFileSync(manifest, 'utf8').split('"done"').length - 1;
    if (done >= segments) controller.abort();
  };
  return stylizeLongVideo({ ...options, resume: true, signal: controller.signal, onFrame: stop });
}

const framesOf = (name: string) => rgbFrames(at(name)).map((frame) => createHash('md5').update(frame).digest('hex'));

describe('the result is that of one piece', () => {
  const kept = (name: string) => {
    const { chapters } = ffprobe(at(name));
    const { time_base, duration, color_space } = videoStream(at(name)) as unknown as Record<string, string>;
    const times = frameTimes(at(name));
    return { times, sound: audioChecksums(at(name)), stream: { time_base, duration, color_space }, chapters };
  };

  test('of a clip with cuts, a moving camera, uneven frames, sound and chapters', async () => {
    const options = { input, style: 'great-wave', device: 'cpu', ...BEST } as const;
    await stylizeVideo({ ...options, output: at('whole.mp4') });
    const parts = { ...options, output: at('parts.mp4'), resume: true };
    const notes: string[] = [];
    const { frames } = await stylizeLongVideo({ ...parts, onNote: (note) => notes.push(note) });
    expect(notes[0]).toBe(`What is done is kept in ${job('parts.mp4')}: if this is stopped, the same command goes on.`);
    expect(frames).toBe(frameTimes(input).length);
    expect(kept('parts.mp4')).toEqual(kept('whole.mp4'));
    expect(existsSync(job('parts.mp4'))).toBe(false);
    const whole = rgbFrames(at('whole.mp4'));
    const errors = rgbFrames(at('parts.mp4')).map((frame, n) => meanError(frame, whole[n]!));
    // At cuts painting begins anew, with nothing of what was before; in the middle of a shot little of that is left.
    expect(errors.filter((_, n) => n < 120 || n >= 240)).toEqual(
      errors.filter((_, n) => n < 120 || n >= 240).map(() => 0),
    );
    expect(Math.max(...errors)).toBeLessThan(1);
  });

  test.each(['part.mp4', 'part.mkv', 'part.ts'])('of a part, in %s', async (name) => {
    const options = { input, style: identity, start: 20.3, duration: 80, ...BEST };
    const [whole, parts] = [`whole-${name}`, `parts-${name}`];
    await stylizeVideo({ ...options, output: at(whole) });
    await stylizeLongVideo({ ...options, output: at(parts), resume: true });
    expect(kept(parts)).toEqual(kept(whole));
    expect(framesOf(parts)).toEqual(framesOf(whole));
  });
});

describe('it goes on where it was', () => {
  const options = { input, style: negative, output: at('resumed.mp4'), ...BEST };
  const folder = job('resumed.mp4');

  test('after it was stopped', async () => {
    const stopped = await stopAfter(2, options);
    expect(stopped).toMatchObject({ interrupted: true, output: undefined, kept: { folder, done: 2, of: 4 } });
    expect(readdirSync(folder).filter((name) => name.endsWith('.mp4'))).toEqual(['0000.mp4', '0001.mp4']);
    expect(existsSync(options.output)).toBe(false);
  });

  test('what differs is refused by name', async () => {
    const with_ = async (change: object) => (await failure(stylizeLongVideo({ ...options, ...change }))).message;
    const painted = `${folder} holds segments that were painted otherwise:`;
    expect(await with_({ strength: 0.5 })).toBe(`${painted} strength is 0.5, and was not given.`);
    expect(await with_({ style: identity })).toContain(`${painted} style is `);
    const { mtime } = statSync(input);
    utimesSync(input, mtime, new Date(mtime.getTime() + 1000));
    expect(await with_({})).toContain(`${painted} the input has changed since: modified is `);
    utimesSync(input, mtime, mtime);
    const manifest = join(negative, 'preset.json');
    const before = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, before.replace('"negative"', '"changed"'));
    expect(await with_({})).toBe(`${painted} the style negative has changed since.`);
    writeFileSync(manifest, before);
    expect(readdirSync(folder)).toContain('0001.mp4');
  });

  test('while another process works on it, it is refused', async () => {
    const lock = (await FolderLock.take(folder)) as FolderLock;
    expect(await failure(stylizeLongVideo(options))).toMatchObject({ code: 'JOB_BUSY' });
    await lock.release();
  });

  test('by the same call, with what there is', async () => {
    // A file that is not as long as it was does not count.
    writeFileSync(join(folder, '0000.mp4'), 'short');
    const notes: string[] = [];
    const told: number[] = [];
    const { frames, output } = await stylizeLongVideo({
      ...options,
      onNote: (note) => notes.push(note),
      onProgress: (progress) => told.push(progress.frames),
    });
    expect(notes).toEqual(['Resuming: 1 of 4 segments are done.']);
    expect([frames, told[0]! > 60, told.at(-1), output]).toEqual([
      frameTimes(input).length,
      true,
      frameTimes(input).length,
      options.output,
    ]);
    expect(existsSync(folder)).toBe(false);
    await stylizeLongVideo({ ...options, output: at('unstopped.mp4'), resume: true });
    expect(framesOf('resumed.mp4')).toEqual(framesOf('unstopped.mp4'));
  });

  test('a job that differs is begun anew when that is asked for', async () => {
    const output = at('anew.mp4');
    await stopAfter(1, { ...options, output });
    const notes: string[] = [];
    const again = { ...options, output, style: identity, overwrite: true };
    await stylizeLongVideo({ ...again, onNote: (note) => notes.push(note) });
    expect(notes[0]).toMatch(/^What is done is kept in /);
    expect(meanError(rgbFrames(output)[0]!, rgbFrames(input)[0]!)).toBeLessThan(2);
  });
});

test('an ffmpeg that crashes is tried again, three times at most', async () => {
  const output = at('crashed.mp4');
  const kill = () => {
    for (const pid of running(job('crashed.mp4'))) process.kill(pid, 'SIGKILL');
  };
  const notes: string[] = [];
  const options = { input, style: identity, output, resume: true, onNote: (note: string) => notes.push(note) };
  let seen = 0;
  const error = await failure(stylizeLongVideo({ ...options, onFrame: () => ++seen > 70 && kill() }));
  expect(error).toMatchObject({ code: 'JOB_SEGMENT', hint: expect.stringContaining('; 1 others are kept in ') });
  expect(error.message).toMatch(/^Segment 2 of 4 \(90 frames from 30\.\d s\) failed 3 times: ffmpeg was killed/);
  expect(notes.filter((note) => note.startsWith('Segment 2 of 4 is tried again ('))).toHaveLength(2);
  expect((await stylizeLongVideo(options)).interrupted).toBe(false);
});

test('what can only be made in one piece, or is short, is made so', async () => {
  const short = silent(at('short.mp4'));
  const options = { input: short, style: identity };
  const notes: string[] = [];
  await stylizeLongVideo({ ...options, output: at('short-out.mp4'), onNote: (note) => notes.push(note) });
  await stylizeLongVideo({ ...options, output: at('short-out.gif'), onNote: (note) => notes.push(note) });
  expect(notes).toEqual([]);
  const error = await failure(stylizeLongVideo({ ...options, output: at('forced.gif'), resume: true }));
  expect(error).toMatchObject({ code: 'JOB_ONE_PIECE' });
  const wrong = { ...options, output: at('wrong.mp4'), style: 'no-such-style', resume: true };
  expect(await failure(stylizeLongVideo(wrong))).toMatchObject({ code: 'PRESET_UNKNOWN' });
  expect(readdirSync(folder).filter((name) => /forced|wrong/.test(name))).toEqual([]);
});
