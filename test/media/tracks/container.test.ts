import { describe, expect, test } from 'vitest';
import type { MediaInfo, OtherStream } from '#src/media/probe/info.js';
import { chooseCodec } from '#src/media/tracks/container.js';
import { planStreams } from '#src/media/tracks/streams.js';
import { failure } from '../../fixtures/failure.js';

function source(...others: [type: OtherStream['type'], codec: string][]): MediaInfo {
  return {
    startTime: 0,
    video: { index: 0, tags: {}, sideData: [] },
    tags: {},
    chapters: [],
    others: others.map(([type, codec], i) => ({ index: i + 1, type, codec })),
  } as unknown as MediaInfo;
}

describe('codecs', () => {
  test.each([
    ['a.mp4', undefined, 'h264'],
    ['a.MP4', undefined, 'h264'],
    ['a.mov', undefined, 'h264'],
    ['a.mkv', undefined, 'h264'],
    ['a.webm', undefined, 'vp9'],
    ['a.ts', 'hevc', 'hevc'],
    ['a.mkv', 'vp9', 'vp9'],
  ] as const)('%s with %s: %s', (path, asked, expected) => expect(chooseCodec(path, asked)).toBe(expected));

  test('that does not exist', async () => {
    expect(await failure((async () => chooseCodec('a.mp4', 'mpeg9' as 'h264'))())).toMatchObject({
      code: 'OUTPUT_CODEC',
      message: 'There is no codec "mpeg9"; expected h264, hevc, vp9, av1, prores, qtrle, webp, gif.',
      hint: 'Leave --codec out for the usual one.',
    });
  });

  test('that a format cannot hold', async () => {
    expect(await failure((async () => chooseCodec('a.webm', 'h264'))())).toEqual({
      name: 'OptionError',
      code: 'OUTPUT_CODEC',
      message: '.webm files cannot hold h264; expected vp9 or av1.',
      hint: 'Use an .mkv file, or another --codec.',
    });
    expect((await failure((async () => chooseCodec('a.mov', 'vp9'))())).message).toBe(
      '.mov files cannot hold vp9; expected h264 or hevc or prores or qtrle.',
    );
  });

  test.each(['a.avi', 'a', 'a.mp4.txt'])('no known format: %s', async (path) => {
    expect(await failure((async () => chooseCodec(path))())).toEqual({
      name: 'OptionError',
      code: 'OUTPUT_FORMAT',
      message: `${path} has no video extension that is known; expected .mp4, .m4v, .mov, .mkv, .webm, .ts, .gif, .webp.`,
      hint: 'Name the output for example stylized.mp4.',
    });
  });
});

describe('streams', () => {
  test('without a source there is only the picture', () => {
    expect(planStreams('a.mkv')).toEqual({
      muxer: 'matroska',
      options: ['-map', '0:v:0'],
      attached: [],
      texts: [],
      notes: [],
    });
  });

  test('copied where the format holds them, in order, each with its metadata', () => {
    const { options, notes } = planStreams(
      'a.mkv',
      source(['audio', 'dts'], ['subtitle', 'ass'], ['attachment', 'ttf']),
    );
    expect(notes).toEqual([]);
    expect(options).toEqual([
      ...['-map', '0:v:0', '-map_metadata', '1', '-map_metadata:s:0', '1:s:0'],
      ...['-map', '1:1', '-map_metadata:s:1', '1:s:1', '-c:1', 'copy'],
      ...['-map', '1:2', '-map_metadata:s:2', '1:s:2', '-c:2', 'copy'],
      ...['-map', '1:3', '-map_metadata:s:3', '1:s:3', '-c:3', 'copy'],
    ]);
  });

  test('re-encoded where it does not, with a note; a part trims what is re-encoded', () => {
    const { options, notes } = planStreams('a.webm', source(['audio', 'aac']), {
      asked: true,
      start: 1.5,
      end: 2,
      origin: 1.5,
    });
    expect(options.slice(options.indexOf('-c:1'))).toEqual([
      ...[
        '-c:1',
        'libopus',
        '-b:1',
        '128k',
        '-filter:1',
        'aformat=channel_layouts=7.1|5.1|stereo|mono,atrim=start=0:end=0.500000',
      ],
    ]);
    expect(notes).toEqual(['.webm cannot hold audio stream 1 (aac): it is re-encoded to libopus.']);
  });

  test.each([
    [
      'a.mp4',
      'subtitle',
      'hdmv_pgs_subtitle',
      '.mp4 cannot hold subtitle stream 1 (hdmv_pgs_subtitle): it is left out. An .mkv file would keep it.',
    ],
    [
      'a.webm',
      'subtitle',
      'dvd_subtitle',
      '.webm cannot hold subtitle stream 1 (dvd_subtitle): it is left out. An .mkv file would keep it.',
    ],
    ['a.webm', 'cover', 'mjpeg', 'cover stream 1 (mjpeg) is left out.'],
    ['a.mp4', 'attachment', 'ttf', 'attachment stream 1 (ttf) is left out.'],
    ['a.mkv', 'video', 'h264', 'video stream 1 (h264) is left out.'],
    ['a.mkv', 'data', 'klv', 'data stream 1 (klv) is left out.'],
  ] as const)('%s cannot keep %s %s', (path, type, codec, note) => {
    const plan = planStreams(path, source([type, codec], ['audio', 'opus']));
    expect(plan.notes).toEqual([note]);
    // What follows gets the number that is free.
    expect(plan.options).toContain('-c:1');
    expect(plan.options).not.toContain('-c:2');
  });
});
