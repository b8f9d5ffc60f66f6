import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EncodeOptions } from '#src/media/files/encode/options.js';
import { OutputFile } from '#src/media/files/output.js';
import * as made from '../../fixtures/awkward.js';
import { type FileFacts, factsOf } from '../../fixtures/facts.js';
import { failure } from '../../fixtures/failure.js';
import { freshFolder } from '../../fixtures/ffmpeg.js';
import { copyVideo } from '../../fixtures/passthrough.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

/** What must be true of a result. Times are in seconds. */
interface Case {
  readonly name: string;
  readonly from: () => string;
  readonly to: string;
  readonly part?: Pick<EncodeOptions, 'start' | 'duration' | 'codec'>;
  readonly frames: number;
  /** When the first frame is shown, to 2 ms; default 0. */
  readonly first?: number;
  /** When the last frame ends, to 2 ms (a frame of the sound where that ends the file). */
  readonly end?: number;
  /** Packets of sound are the source's own; default: where nothing is cut. A number: it lasts so long, to 50 ms. */
  readonly sound?: 'same' | number | 'none';
  /** The largest distance of two frames, at most. */
  readonly gap?: number;
  readonly notes?: readonly string[];
  readonly also?: (result: FileFacts, source: () => FileFacts) => void;
}

const CLOCK = (times: string) => expect.stringMatching(new RegExp(`^The clock of .* is set anew ${times}: `)) as string;
const cannot = (kind: string, what: string, to: string) => `${kind} cannot hold ${what}: it is re-encoded to ${to}.`;
const pictureOf = (facts: FileFacts) =>
  facts.streams.find(({ type, disposition }) => type === 'video' && !disposition.attached_pic)!;
const covers = (facts: FileFacts) =>
  facts.streams.filter(({ disposition }) => disposition.attached_pic).map(({ codec }) => codec);
const flags = ({ disposition }: FileFacts['streams'][number]) =>
  Object.entries(disposition).flatMap(([name, set]) => (set === 1 ? name : []));
const chapterTwo = (facts: FileFacts) => expect(facts.chapters).toEqual([[0, 1, 'Two; = #']]);
const subtitle = (facts: FileFacts) => facts.streams.find(({ type }) => type === 'subtitle')!;
const PRIMING = 1024 / 44_100;

const CASES: readonly Case[] = [
  // Cuts
  {
    name: 'between key frames of a broadcast',
    from: made.broadcast,
    to: '.mp4',
    part: { start: 2.6, duration: 1 },
    frames: 25,
    first: 0.023,
    end: 1,
    sound: 1,
  },
  {
    name: 'the rest of a broadcast',
    from: made.broadcast,
    to: '.mkv',
    part: { start: 2.6 },
    frames: 135,
    first: 0.023,
    sound: 5.4,
  },
  {
    name: 'the rest of a broadcast, re-encoded',
    from: made.broadcast,
    to: '.webm',
    part: { start: 6 },
    frames: 50,
    first: 0.03,
    sound: 2,
    notes: [cannot('.webm', 'audio stream 1 (aac)', 'libopus')],
  },
  {
    name: 'the beginning before a late picture',
    from: made.latePicture,
    to: '.mp4',
    part: { duration: 2 },
    frames: 6,
    first: 1.5,
    end: 2,
    sound: 2,
  },
  {
    name: 'over the beginning of a late picture',
    from: made.latePicture,
    to: '.mp4',
    part: { start: 1, duration: 1 },
    frames: 6,
    first: 0.5,
    end: 1,
    sound: 1,
  },
  {
    name: 'over the beginning of a late picture, Matroska',
    from: made.latePicture,
    to: '.mkv',
    part: { start: 1, duration: 1 },
    frames: 6,
    first: 0.5,
    sound: 1,
  },
  {
    name: 'chapters and a subtitle that spans the edge',
    from: () => made.chaptered('.mp4'),
    to: '.mp4',
    part: { start: 1, duration: 1 },
    frames: 12,
    end: 1,
    sound: 1,
    also: (facts) => {
      chapterTwo(facts);
      expect(facts.duration).toBeLessThan(1.03);
      expect([subtitle(facts).times[0], subtitle(facts).end]).toEqual([0, expect.closeTo(0.8, 1)]);
    },
  },
  {
    name: 'chapters and a subtitle, to Matroska',
    from: () => made.chaptered('.mp4'),
    to: '.mkv',
    part: { start: 1, duration: 1 },
    frames: 12,
    end: 1,
    sound: 1,
    also: (facts) => {
      chapterTwo(facts);
      expect([subtitle(facts).codec, subtitle(facts).times, subtitle(facts).end]).toEqual([
        'subrip',
        [0],
        expect.closeTo(0.8, 1),
      ]);
    },
  },
  {
    name: 'chapters and an ASS subtitle',
    from: () => made.chaptered('.mkv'),
    to: '.mkv',
    part: { start: 1, duration: 1 },
    frames: 12,
    first: 0.023,
    sound: 1,
    also: (facts) => {
      expect([subtitle(facts).codec, subtitle(facts).times, subtitle(facts).end]).toEqual([
        'ass',
        [0],
        expect.closeTo(0.8, 1),
      ]);
    },
  },
  {
    name: 'a cover',
    from: () => made.covered('mjpeg', '.mp4'),
    to: '.mp4',
    part: { start: 1, duration: 1 },
    frames: 12,
    end: 1,
    sound: 1,
    also: (facts) => expect(covers(facts)).toEqual(['mjpeg']),
  },
  {
    name: 'a cover, to Matroska',
    from: () => made.covered('mjpeg', '.mp4'),
    to: '.mkv',
    part: { start: 1, duration: 1 },
    frames: 12,
    end: 1,
    sound: 1,
    also: (facts) => expect(covers(facts)).toEqual(['mjpeg']),
  },
  {
    name: 'a timecode',
    from: made.timecoded,
    to: '.mov',
    part: { start: 1 },
    frames: 24,
    end: 2,
    sound: 2,
    also: (facts) => expect(pictureOf(facts).tags.timecode).toBe('01:02:04:04'),
  },
  {
    name: 'the last frame of a timecode',
    from: made.timecoded,
    to: '.mp4',
    part: { start: 2.84, duration: 1 },
    frames: 1,
    first: 35 / 12 - 2.84,
    sound: 0.16,
    notes: ['The timecode is left out: of so few frames .mp4 cannot hold one.'],
    also: (facts) => expect(pictureOf(facts).tags.timecode).toBeUndefined(),
  },
  {
    name: 'the last two frames of a timecode',
    from: made.timecoded,
    to: '.mov',
    part: { start: 2.79, duration: 1 },
    frames: 2,
    first: 34 / 12 - 2.79,
    sound: 0.21,
    notes: ['The timecode is left out: of so few frames .mov cannot hold one.'],
  },
  {
    name: 'three frames of a timecode',
    from: made.timecoded,
    to: '.mov',
    part: { start: 2, duration: 0.25 },
    frames: 3,
    end: 0.25,
    sound: 0.25,
    also: (facts) => expect(pictureOf(facts).tags.timecode).toBe('01:02:05:04'),
  },
  {
    name: 'a clock that wraps',
    from: made.wrapped,
    to: '.mp4',
    part: { start: 1, duration: 2 },
    frames: 20,
    first: 0.023,
    end: 2,
    sound: 2,
  },
  {
    name: 'over a joint',
    from: made.joinedForward,
    to: '.mp4',
    part: { start: 1.5, duration: 1 },
    frames: 10,
    first: 0.023,
    sound: 1,
    gap: 0.15,
    notes: [CLOCK('once')],
  },
  {
    name: 'after a joint',
    from: made.joinedBack,
    to: '.mkv',
    part: { start: 2.5 },
    frames: 15,
    sound: 1.6,
    notes: [CLOCK('once')],
  },
  {
    name: 'a disc over its joint',
    from: made.disc,
    to: '.mp4',
    part: { start: 1, duration: 2 },
    frames: 50,
    sound: 2,
    gap: 0.07,
    notes: [CLOCK('once')],
  },
  ...['.mkv', '.ts'].map((to) => ({
    name: 'trimmed without encoding it anew',
    from: made.trimmed,
    to,
    frames: 26,
    first: 0,
    sound: 2.02,
  })),
  {
    name: 'trimmed without encoding it anew, its beginning',
    from: made.trimmed,
    to: '.mkv',
    part: { duration: 1 },
    frames: 12,
    first: 0,
    sound: 1,
  },
  {
    name: 'trimmed without encoding it anew, re-encoded',
    from: made.trimmed,
    to: '.webm',
    frames: 26,
    first: 0.007,
    sound: 2.02,
    notes: [cannot('.webm', 'audio stream 1 (aac)', 'libopus')],
  },
  {
    name: 'trimmed without encoding it anew, to MP4',
    from: made.trimmed,
    to: '.mp4',
    frames: 26,
    first: 0,
    end: 2.1667,
  },
  {
    name: 'more than there is',
    from: made.base,
    to: '.mp4',
    part: { start: 2, duration: 9 },
    frames: 12,
    end: 1,
    sound: 1,
  },
  // Clocks
  {
    name: 'two recordings joined',
    from: made.joinedBack,
    to: '.mp4',
    frames: 40,
    first: 0.023,
    end: 4.066,
    gap: 0.15,
    notes: [CLOCK('once')],
  },
  {
    name: 'two recordings joined, Matroska',
    from: made.joinedBack,
    to: '.mkv',
    frames: 40,
    first: 0.023,
    gap: 0.15,
    notes: [CLOCK('once')],
  },
  {
    name: 'two recordings joined, re-encoded',
    from: made.joinedBack,
    to: '.webm',
    frames: 40,
    first: 0.03,
    sound: 4.05,
    gap: 0.15,
    notes: [CLOCK('once'), cannot('.webm', 'audio stream 1 (aac)', 'libopus')],
  },
  {
    name: 'the second an hour later',
    from: made.joinedForward,
    to: '.mp4',
    frames: 40,
    first: 0.023,
    end: 4.066,
    gap: 0.15,
    notes: [CLOCK('once')],
  },
  {
    name: 'three recordings joined',
    from: made.joinedThrice,
    to: '.mp4',
    frames: 60,
    first: 0.023,
    gap: 0.15,
    notes: [CLOCK('2 times')],
  },
  {
    name: 'a wrap between two joints',
    from: made.joinedOverWrap,
    to: '.mp4',
    frames: 80,
    first: 0.023,
    end: 8.107,
    gap: 0.15,
    notes: [CLOCK('2 times')],
  },
  {
    name: 'over a wrap between two joints',
    from: made.joinedOverWrap,
    to: '.mkv',
    part: { start: 1.5, duration: 5 },
    frames: 49,
    first: 0.023,
    sound: 5,
    gap: 0.15,
    notes: [CLOCK('2 times')],
  },
  { name: 'a disc', from: made.disc, to: '.mp4', frames: 100, gap: 0.07, first: 0.54, notes: [CLOCK('once')] },
  {
    name: 'a playlist with a discontinuity',
    from: made.playlist,
    to: '.mp4',
    frames: 40,
    first: 0.023,
    gap: 0.15,
    notes: [CLOCK('once')],
  },
  { name: 'from an hour on', from: made.fromAnHour, to: '.mp4', frames: 20, first: 0.023, end: 2.023 },
  { name: 'from an hour on, transport stream', from: made.fromAnHour, to: '.ts', frames: 20, first: 0.023 },
  { name: 'a clock that wraps, whole', from: made.wrapped, to: '.mp4', frames: 40, first: 0.023, end: 4.023 },
  // The last frame
  { name: 'GIF with a long last frame', from: made.unevenGif, to: '.mp4', frames: 3, end: 5.5 },
  {
    name: 'GIF with a long last frame, WebM',
    from: made.unevenGif,
    to: '.webm',
    frames: 3,
    also: (facts) => expect(facts.duration).toBeCloseTo(5.5, 2),
  },
  {
    name: 'GIF with a long last frame, Matroska',
    from: made.unevenGif,
    to: '.mkv',
    frames: 3,
    also: (facts) => expect(facts.duration).toBeCloseTo(5.5, 2),
  },
  { name: 'one frame of five seconds', from: made.oneFrame, to: '.mov', frames: 1, end: 5 },
  // Colours
  {
    name: 'gamma 2.8',
    from: () => made.coloured('bt470bg', 'bt470bg', 'gamma28'),
    to: '.mp4',
    frames: 6,
    also: (facts) => expect(pictureOf(facts).colour).toEqual(['bt470bg', 'bt470bg', 'bt470bg']),
  },
  {
    name: 'gamma 2.2',
    from: () => made.coloured('fcc', 'bt470m', 'gamma22'),
    to: '.mkv',
    frames: 6,
    also: (facts) => expect(pictureOf(facts).colour).toEqual(['fcc', 'bt470m', 'bt470m']),
  },
  {
    name: 'YCgCo',
    from: () => made.coloured('ycgco', 'smpte432', 'iec61966-2-1'),
    to: '.mp4',
    frames: 6,
    also: (facts) => expect(pictureOf(facts).colour).toEqual(['bt709', 'smpte432', 'iec61966-2-1']),
  },
  // What formats hold
  {
    name: 'LPCM of a Blu-ray',
    from: () => made.sounding('bluray.m2ts', 'pcm_bluray'),
    to: '.mkv',
    frames: 25,
    sound: 1,
    notes: [cannot('.mkv', 'audio stream 1 (pcm_bluray)', 'pcm_s16le')],
  },
  {
    name: 'LPCM of a Blu-ray, to MP4',
    from: () => made.sounding('bluray.m2ts', 'pcm_bluray'),
    to: '.mp4',
    frames: 25,
    sound: 1,
    notes: [cannot('.mp4', 'audio stream 1 (pcm_bluray)', 'aac')],
  },
  {
    name: '8 bits with a sign',
    from: () => made.sounding('s8.mov', 'pcm_s8'),
    to: '.mkv',
    frames: 25,
    sound: 1,
    notes: [cannot('.mkv', 'audio stream 1 (pcm_s8)', 'pcm_s16le')],
  },
  { name: '8 bits with a sign, kept', from: () => made.sounding('s8.mov', 'pcm_s8'), to: '.mov', frames: 25 },
  {
    name: 'Nellymoser',
    from: () => made.sounding('nelly.flv', 'nellymoser'),
    to: '.mkv',
    frames: 25,
    first: 0.026,
    sound: 1.05,
    notes: [
      expect.stringMatching(
        /^\.mkv cannot hold audio stream [01] \(nellymoser\): it is re-encoded to aac\.$/,
      ) as string,
    ],
  },
  {
    name: 'ADPCM',
    from: () => made.sounding('adpcm.mov', 'adpcm_ima_qt'),
    to: '.mkv',
    frames: 25,
    first: 0.023,
    sound: 1,
    notes: [cannot('.mkv', 'audio stream 1 (adpcm_ima_qt)', 'aac')],
  },
  {
    name: 'a GIF cover, to MP4',
    from: () => made.covered('gif', '.mkv'),
    to: '.mp4',
    frames: 36,
    first: 0.023,
    notes: ['cover stream 2 (gif) is left out.'],
    also: (facts) => expect(covers(facts)).toEqual([]),
  },
  {
    name: 'a JPEG cover, to MOV',
    from: () => made.covered('mjpeg', '.mp4'),
    to: '.mov',
    frames: 36,
    notes: ['cover stream 2 (mjpeg) is left out.'],
  },
  {
    name: 'a PNG cover, to Matroska',
    from: () => made.covered('png', '.mp4'),
    to: '.mkv',
    frames: 36,
    first: PRIMING,
    also: (facts) => {
      expect(covers(facts)).toEqual(['png']);
      expect(facts.streams.find(({ disposition }) => disposition.attached_pic)!.tags.filename).toBe('cover.png');
    },
  },
  {
    name: 'another programme of a broadcast',
    from: made.programmes,
    to: '.mp4',
    frames: 36,
    first: 0.023,
    notes: [
      'video stream 2 (h264) belongs to another programme: it is left out.',
      'audio stream 3 (aac) belongs to another programme: it is left out.',
    ],
    also: (facts) => expect(facts.streams.map(({ type }) => type)).toEqual(['video', 'audio']),
  },
  // What is told of the file
  {
    name: 'what a telephone says',
    from: made.telephone,
    to: '.mov',
    frames: 36,
    also: ({ tags }) =>
      expect(tags).toMatchObject({
        title: 'A title',
        'com.apple.quicktime.make': 'Apple',
        'com.apple.quicktime.model': 'iPhone 15',
        'com.apple.quicktime.location.ISO6709': '+48.1000+011.5000+500.000/',
      }),
  },
  {
    name: 'what a telephone says, to a transport stream',
    from: made.telephone,
    to: '.ts',
    frames: 36,
    first: PRIMING,
    notes: [
      '.ts cannot hold the tags com.apple.quicktime.location.ISO6709, title, com.apple.quicktime.make, com.apple.quicktime.model: left out.',
    ],
  },
  {
    name: 'where a telephone was',
    from: made.located,
    to: '.mp4',
    frames: 36,
    also: ({ tags }) => expect(tags).toMatchObject({ location: '+48.1000+011.5000/' }),
  },
  {
    name: 'where a telephone was, in part',
    from: made.located,
    to: '.mov',
    part: { start: 1, duration: 1 },
    frames: 12,
    end: 1,
    sound: 1,
    also: ({ tags }) => expect(tags).toMatchObject({ location: '+48.1000+011.5000/' }),
  },
  {
    name: 'where a telephone was, to a transport stream',
    from: made.located,
    to: '.ts',
    frames: 36,
    first: PRIMING,
    notes: ['.ts cannot hold the tag location: left out.'],
  },
  {
    name: 'a 360° mark',
    from: () => made.kept('sph'),
    to: '.mp4',
    frames: 36,
    notes: ['The mark of a 360° video is lost: players will show it flat.'],
  },
  {
    name: 'closed captions',
    from: () => made.kept('cc'),
    to: '.mp4',
    frames: 60,
    sound: 'none',
    notes: ['The closed captions inside the picture are lost: only subtitles in a stream of their own are kept.'],
  },
  {
    name: 'languages in MOV',
    from: made.languages,
    to: '.mov',
    frames: 36,
    first: 0.023,
    also: (facts) => expect(facts.streams.slice(1).map(({ tags }) => tags.language)).toEqual(['ger', 'fra', 'jpn']),
  },
  {
    name: 'what streams are for, and views of two eyes',
    from: made.purposes,
    to: '.mkv',
    frames: 36,
    first: 0.023,
    also: (facts) => {
      expect(facts.streams.slice(1).map(flags)).toEqual([[], ['default', 'comment'], ['forced', 'hearing_impaired']]);
      expect(pictureOf(facts).tags.stereo_mode).toBe('left_right');
    },
  },
  {
    name: 'what streams are for, and views of two eyes, to WebM',
    from: made.purposes,
    to: '.webm',
    frames: 36,
    first: 0.03,
    sound: 3,
    notes: [
      cannot('.webm', 'audio stream 1 (aac)', 'libopus'),
      cannot('.webm', 'audio stream 2 (aac)', 'libopus'),
      '.webm cannot say what audio stream 2 is for (comment): left out.',
      '.webm cannot say what subtitle stream 3 is for (hearing_impaired): left out.',
    ],
    also: (facts) => expect(facts.streams.slice(1).map(flags)).toEqual([[], ['default'], ['forced']]),
  },
  {
    name: 'what streams are for, and views of two eyes, to MP4',
    from: made.purposes,
    to: '.mp4',
    frames: 36,
    first: 0.023,
    notes: ['The mark of a stereoscopic video is lost: players will show both views as one picture.'],
    also: (facts) => expect(flags(facts.streams[2]!)).toEqual(['default', 'comment']),
  },
  {
    name: 'measures that are not true any more',
    from: made.measured,
    to: '.mkv',
    frames: 36,
    first: 0.023,
    also: (facts) => {
      expect(pictureOf(facts).tags).toMatchObject({ title: 'Main' });
      expect(Object.keys(pictureOf(facts).tags)).not.toContain('BPS');
      expect(Object.keys(pictureOf(facts).tags)).not.toContain('NUMBER_OF_BYTES');
    },
  },
];

// ffmpeg's Matroska muxer puts Opus 6.5 ms too early, and so moves the rest.
describe.concurrent('every kind of file comes out right', () => {
  test.each(CASES)('$name, to $to', async (row) => {
    const source = row.from();
    const output = at(`result${CASES.indexOf(row)}${row.to}`);
    const { frames, notes } = await copyVideo(source, output, {
      // Also frames that are encoded in another order than they are shown.
      encoderPreset: row.to === '.mp4' ? 'veryfast' : 'ultrafast',
      crf: 30,
      ...row.part,
    });
    const result = factsOf(output);
    const shown = pictureOf(result);
    expect(frames, 'frames reported').toBe(row.frames);
    expect(shown.times.length, 'frames in the file').toBe(row.frames);
    if (row.first !== undefined || !row.part)
      expect(Math.abs(shown.times[0]! - (row.first ?? 0)), 'first frame').toBeLessThan(0.002);
    if (row.end !== undefined) expect(Math.abs(shown.end - row.end), `end at ${shown.end}`).toBeLessThan(0.003);
    const gaps = shown.times.slice(1).map((time, i) => time - shown.times[i]!);
    if (row.gap !== undefined) expect(Math.max(...gaps), 'gap').toBeLessThan(row.gap);
    expect(Math.min(1, ...gaps), 'frames at one time').toBeGreaterThan(0.005);
    expectSound(row, result, () => factsOf(source));
    expect(notes).toEqual(row.notes ?? []);
    row.also?.(result, () => factsOf(source));
  });
});

function expectSound({ sound, part }: Case, result: FileFacts, source: () => FileFacts): void {
  const heard = result.streams.filter(({ type }) => type === 'audio');
  if (sound === 'none') {
    expect(heard).toEqual([]);
    return;
  }
  if (typeof sound === 'number') {
    expect(heard.length).toBeGreaterThan(0);
    expect(Math.abs(heard[0]!.end - sound), `sound ends at ${heard[0]!.end}`).toBeLessThan(0.06);
    expect(Math.abs(heard[0]!.times[0]!), 'sound begins').toBeLessThan(0.025);
    const steps = heard[0]!.times.slice(1).map((time, i) => time - heard[0]!.times[i]!);
    expect(Math.max(...steps), 'hole in the sound').toBeLessThan(0.1);
    return;
  }
  if (part && sound === undefined) return;
  const before = source().streams.filter(({ type, tags }) => type === 'audio' && tags.elsewhere === undefined);
  for (const [n, { packets }] of heard.entries())
    expect(packets.length, `packets of sound ${n}`).toBe(before[n]!.packets.length);
}

describe('what cannot come out right is refused', () => {
  test('a part without a picture', async () => {
    const error = await failure(copyVideo(made.latePicture(), at('none.mp4'), { duration: 1 }));
    expect(error).toMatchObject({
      code: 'MEDIA_NO_FRAMES',
      message: `${made.latePicture()} has no frames between 0 and 1 s.`,
      hint: 'Choose another --start, or a longer --duration.',
    });
  });

  test('a part after the end', async () => {
    const error = await failure(copyVideo(made.base(), at('none.mp4'), { start: 3.8, duration: 0.7 }));
    expect(error).toMatchObject({
      code: 'MEDIA_NO_FRAMES',
      message: `${made.base()} has no frames between 3.8 and 4.5 s.`,
      hint: 'It lasts 3 s: use a smaller --start.',
    });
  });

  test("Dolby Vision's own colours", async () => {
    const error = await failure(copyVideo(made.kept('dv5'), at('dolby.mp4')));
    expect(error).toMatchObject({ code: 'MEDIA_DOLBY_VISION' });
  });
});

describe('no name is anything but a name', () => {
  test.each([
    '12:30 talk.mp4',
    'concat:x.mp4',
    '-dash.mp4',
    'a%03d.mp4',
    'file:x.mp4',
    'C:x.mp4',
    `${'ä'.repeat(125)}.mp4`,
    '[a]*?.mp4',
  ])('%s', async (name) => {
    const source = made.named(name);
    mkdirSync(at('out'), { recursive: true });
    process.chdir(at('out'));
    const file = await OutputFile.plan(name, [source]);
    const { frames } = await copyVideo(source, file.partial, { duration: 0.5 });
    expect(await file.commit()).toBe(name);
    expect(frames).toBe(6);
    expect(readdirSync(at('out'))).toContain(name);
    expect(readdirSync(at('out')).filter((left) => left.includes('partial'))).toEqual([]);
  });

  test('a name that cannot be given keeps the result', async () => {
    const file = await OutputFile.plan(at('folder.mp4'), []);
    writeFileSync(file.partial, 'whole');
    mkdirSync(at('folder.mp4/full'), { recursive: true });
    const error = await failure(
      (async () => {
        const forced = Object.assign(Object.create(Object.getPrototypeOf(file)), file, { overwrite: true });
        await forced.commit();
      })(),
    );
    expect(error).toMatchObject({ code: 'OUTPUT_NOT_NAMED', hint: `The result is kept as ${file.partial}.` });
  });
});
