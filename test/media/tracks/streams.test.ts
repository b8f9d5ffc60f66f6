import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { testKept } from '../../fixtures/case.js';
import { clip, PICTURE, SOUND, silent, X264 } from '../../fixtures/clips.js';
import { ffmpeg, freshFolder } from '../../fixtures/ffmpeg.js';
import { type Allowed, description } from '../../fixtures/kept.js';
import { streamsOf } from '../../fixtures/readback.js';

const folder = freshFolder();
const at = (name: string) => join(folder, name);

const SUBTITLES = at('lines.srt');
writeFileSync(SUBTITLES, '1\n00:00:00,100 --> 00:00:00,400\nFirst\n\n2\n00:00:00,500 --> 00:00:00,900\nSecond\n');
const CHAPTERS = at('chapters.txt');
writeFileSync(
  CHAPTERS,
  `;FFMETADATA1
title=A film
artist=Somebody
[CHAPTER]
TIMEBASE=1/1000
START=0
END=500
title=One
[CHAPTER]
TIMEBASE=1/1000
START=500
END=1000
title=Two
`,
);

/**
 * Matroska and transport streams have no negative times: where the sound begins with samples to skip, everything moves
 * by those. ffmpeg's Matroska muxer moves Opus twice, which no option mends.
 */
const PRIMING = 1024 / 48_000;
const PRE_SKIP = 0.0065;

/** Two sound tracks in two languages, subtitles, chapters and metadata. */
function rich(path: string, subtitles: string): string {
  const other = ['-f', 'lavfi', '-i', 'sine=frequency=880:sample_rate=44100:duration=1'];
  ffmpeg(
    ...[...PICTURE, ...SOUND, ...other, '-i', SUBTITLES, '-i', CHAPTERS],
    ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map_metadata', '4', '-map_chapters', '4', ...X264],
    ...['-c:a:0', 'aac', '-c:a:1', 'ac3', '-c:s', subtitles],
    ...['-metadata:s:v:0', 'language=fra'],
    ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu', '-metadata:s:s:0', 'language=spa'],
    path,
  );
  return path;
}

const TOLD = {
  title: 'A film',
  artist: 'Somebody',
  chapters: [
    [0, 0.5, 'One'],
    [0.5, 1, 'Two'],
  ],
  languages: ['fra', 'eng', 'deu', 'spa'],
};

/** The text of the first subtitle stream. */
function lines(path: string): string {
  return ffmpeg('-i', path, '-map', '0:s:0', '-f', 'srt', '-').toString();
}

describe('two sound tracks, subtitles, chapters and metadata', () => {
  testKept([
    {
      name: 'Matroska',
      make: () => rich(at('rich.mkv'), 'srt'),
      also: (source, result) => {
        expect(description(result)).toEqual(TOLD);
        expect(lines(result)).toBe(lines(source));
        expect(streamsOf(result, 'subtitle').map((s) => s.codec_name)).toEqual(['subrip']);
      },
    },
    {
      name: 'Matroska to MP4',
      make: () => rich(at('rich2.mkv'), 'srt'),
      to: '.mp4',
      also: (source, result) => {
        expect(description(result)).toEqual(TOLD);
        expect(lines(result)).toBe(lines(source));
        expect(streamsOf(result, 'subtitle').map((s) => s.codec_name)).toEqual(['mov_text']);
      },
    },
    {
      name: 'MP4',
      make: () => rich(at('rich.mp4'), 'mov_text'),
      also: (source, result) => {
        expect(description(result)).toEqual(TOLD);
        expect(lines(result)).toBe(lines(source));
      },
    },
    {
      name: 'MP4 to Matroska',
      make: () => rich(at('rich3.mp4'), 'mov_text'),
      to: '.mkv',
      shift: PRIMING,
      also: (_, result) => expect(description(result)).toMatchObject({ title: 'A film', languages: TOLD.languages }),
    },
    {
      name: 'Matroska to WebM',
      make: () => rich(at('rich4.mkv'), 'srt'),
      to: '.webm',
      options: { crf: 20 },
      levels: 4,
      shift: PRE_SKIP,
      reencoded: [0, 1],
      notes: [
        '.webm cannot hold audio stream 1 (aac): it is re-encoded to libopus.',
        '.webm cannot hold audio stream 2 (ac3): it is re-encoded to libopus.',
      ],
      also: (_, result) => {
        expect(description(result)).toMatchObject({ title: 'A film', languages: TOLD.languages });
        expect(streamsOf(result, 'subtitle').map((s) => s.codec_name)).toEqual(['webvtt']);
      },
    },
    {
      name: 'Matroska to a transport stream',
      make: () => rich(at('rich5.mkv'), 'srt'),
      to: '.ts',
      notes: [
        '.ts cannot hold subtitle stream 3 (subrip): it is left out. An .mkv file would keep it.',
        '.ts cannot hold the chapters, the tags title, ARTIST: left out.',
      ],
      also: (_, result) => expect(streamsOf(result, 'subtitle')).toEqual([]),
    },
  ]);
});

describe('cover art and attachments', () => {
  const cover = () => {
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=64x64:duration=1', '-frames:v', '1', at('cover.png'));
    return at('cover.png');
  };
  const covered = (name: string) => {
    const plain = clip(at(`plain-${name}`));
    ffmpeg(
      '-i',
      plain,
      '-i',
      cover(),
      '-map',
      '0',
      '-map',
      '1',
      '-c',
      'copy',
      '-disposition:v:1',
      'attached_pic',
      at(name),
    );
    return at(name);
  };
  const packets = (path: string, stream: string) =>
    ffmpeg('-i', path, '-map', stream, '-c', 'copy', '-f', 'md5', '-').toString();
  testKept([
    {
      name: 'cover in MP4',
      make: () => covered('cover.mp4'),
      also: (source, result) => {
        expect(streamsOf(result, 'video').map((s) => s.disposition!.attached_pic)).toEqual([0, 1]);
        expect(packets(result, '0:v:1')).toBe(packets(source, '0:v:1'));
      },
    },
    {
      name: 'cover in MP4, to a transport stream',
      make: () => covered('cover2.mp4'),
      to: '.ts',
      shift: PRIMING,
      notes: ['cover stream 2 (png) is left out.'],
    },
    {
      name: 'attachment in Matroska',
      make: () => {
        const path = at('attached.mkv');
        clip(path, [
          '-attach',
          SUBTITLES,
          '-metadata:s:t:0',
          'mimetype=text/plain',
          '-metadata:s:t:0',
          'filename=lines.srt',
        ]);
        return path;
      },
      also: (_, result) => expect(streamsOf(result, 'attachment').map((s) => s.tags?.filename)).toEqual(['lines.srt']),
    },
    {
      name: 'attachment in Matroska, to MP4',
      make: () =>
        clip(at('attached2.mkv'), ['-c:a', 'aac', '-attach', SUBTITLES, '-metadata:s:t:0', 'mimetype=text/plain']),
      to: '.mp4',
      notes: ['attachment stream 2 (unknown) is left out.'],
    },
  ]);
});

describe('sound codecs', () => {
  /** A sound encoder, the container it comes in, the one it goes to, and what is special about that. */
  const ROWS: readonly (readonly [encoder: string, from: string, to: string, special?: Special])[] = [
    ['libmp3lame', '.mp4', '.mp4'],
    ['libmp3lame', '.mp4', '.webm', { becomes: 'libopus', shift: PRE_SKIP }],
    ['libopus', '.mkv', '.mp4'],
    ['libopus', '.webm', '.webm', { shift: PRE_SKIP, drift: 0.0075 }],
    ['libopus', '.mkv', '.mov', { becomes: 'aac' }],
    ['pcm_s16le', '.mov', '.mov'],
    ['pcm_s16le', '.mov', '.mp4', { becomes: 'aac' }],
    ['flac', '.mkv', '.mp4'],
    ['libvorbis', '.mkv', '.webm'],
    ['libvorbis', '.mkv', '.mp4', { becomes: 'aac' }],
    // What begins later than a second begins at zero.
    ['ac3', '.ts', '.mp4', { shift: -1.4 }],
    ['aac', '.mp4', '.mov'],
    ['aac', '.mp4', '.ts', { shift: PRIMING }],
  ];
  interface Special extends Allowed {
    /** The encoder that it is re-encoded with. */
    readonly becomes?: string;
  }
  const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'];
  testKept(
    ROWS.map(([encoder, from, to, { becomes, ...allowed } = {}]) => {
      const codec = encoder.replace('lib', '').replace('lame', '');
      return {
        name: `${codec} from ${from} to ${to}${becomes ? ` becomes ${becomes}` : ''}`,
        make: () => clip(at(`${codec}-${to.slice(1)}${from}`), ['-c:a', encoder], from === '.webm' ? VP9 : X264),
        to,
        filters: false,
        reencoded: becomes ? [0] : [],
        notes: becomes ? [`${to} cannot hold audio stream 1 (${codec}): it is re-encoded to ${becomes}.`] : [],
        ...allowed,
      };
    }),
  );
});

describe('other formats', () => {
  /** For formats that store no times. */
  const EVERY_40_MS = Array.from({ length: 25 }, (_, n) => n * 0.04);
  testKept([
    { name: 'AVI', make: () => clip(at('old.avi'), [], ['-c:v', 'mpeg4', '-q:v', '2']), to: '.mkv' },
    {
      name: 'AVI with MP3 to MP4',
      make: () => clip(at('mp3.avi'), ['-c:a', 'libmp3lame'], ['-c:v', 'mpeg4', '-q:v', '2']),
      to: '.mp4',
    },
    {
      name: 'AVI with H.264 and B-frames',
      make: () => silent(at('packed.avi'), ['-preset', 'fast', '-bf', '2']),
      to: '.mp4',
      times: EVERY_40_MS.map((t) => t + 0.08),
    },
    { name: 'FLV', make: () => clip(at('flash.flv'), ['-c:a', 'aac']), to: '.mp4' },
    {
      name: 'MPEG-2 program stream',
      make: () => clip(at('dvd.mpg'), ['-c:a', 'mp2'], ['-c:v', 'mpeg2video', '-q:v', '2']),
      to: '.mp4',
    },
    { name: 'animated GIF', make: () => silent(at('loop.gif'), [], []), to: '.mp4', filters: false },
    {
      name: 'ProRes in MOV',
      make: () => clip(at('edit.mov'), ['-c:a', 'pcm_s16le'], ['-c:v', 'prores_ks', '-profile:v', '1']),
    },
    {
      name: 'MJPEG',
      make: () => clip(at('camera.avi'), ['-c:a', 'pcm_s16le'], ['-c:v', 'mjpeg', '-q:v', '2', '-pix_fmt', 'yuvj420p']),
      to: '.mkv',
    },
    {
      name: 'HEVC in a transport stream',
      shift: -1.47,
      make: () =>
        clip(at('hevc.ts'), [], ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error']),
    },
    { name: 'raw H.264', make: () => silent(at('bare.h264')), to: '.mp4', times: EVERY_40_MS },
    {
      name: 'raw H.264 with B-frames',
      make: () => silent(at('b.h264'), ['-preset', 'fast', '-bf', '2']),
      to: '.mp4',
      times: EVERY_40_MS,
    },
  ]);
});
