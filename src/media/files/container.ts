import { extname } from 'node:path';
import { OptionError } from '../../errors.js';
import type { MediaInfo, OtherStream } from '../ffmpeg/probe.js';

/** Video codecs that can be asked for. */
export const VIDEO_CODECS = ['h264', 'hevc', 'vp9'] as const;
/** A video codec that can be asked for. */
export type VideoCodec = (typeof VIDEO_CODECS)[number];

/** What a file format holds without re-encoding, and what to use otherwise. */
interface Container {
  readonly muxer: string;
  readonly video: readonly VideoCodec[];
  /** Sound codecs that are copied; `any` for all. */
  readonly audio: readonly string[] | 'any';
  readonly audioFallback: readonly string[];
  readonly subtitles: readonly string[];
  /** What text subtitles are converted to. */
  readonly textSubtitles: string;
  readonly attachments: boolean;
  readonly covers: boolean;
  readonly options: readonly string[];
}

const TEXT_SUBTITLES = ['subrip', 'ass', 'ssa', 'mov_text', 'webvtt', 'text'];
const MPEG_AUDIO = ['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'alac', 'opus', 'flac'];
const AAC = ['aac', '-b:a', '192k'];

const MP4: Container = {
  muxer: 'mp4',
  video: ['h264', 'hevc', 'vp9'],
  audio: MPEG_AUDIO,
  audioFallback: AAC,
  subtitles: ['mov_text', 'dvd_subtitle'],
  textSubtitles: 'mov_text',
  attachments: false,
  covers: true,
  options: ['-movflags', '+faststart', '-strict', '-2'],
};

const CONTAINERS: Readonly<Record<string, Container>> = {
  '.mp4': MP4,
  '.m4v': MP4,
  '.mov': {
    ...MP4,
    muxer: 'mov',
    video: ['h264', 'hevc'],
    audio: [
      ...MPEG_AUDIO.filter((codec) => codec !== 'opus' && codec !== 'flac'),
      'pcm_s16le',
      'pcm_s24le',
      'pcm_s16be',
      'pcm_s24be',
      'pcm_f32le',
    ],
  },
  '.mkv': {
    muxer: 'matroska',
    video: ['h264', 'hevc', 'vp9'],
    audio: 'any',
    audioFallback: AAC,
    subtitles: ['subrip', 'ass', 'ssa', 'webvtt', 'hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle'],
    textSubtitles: 'srt',
    attachments: true,
    covers: true,
    options: [],
  },
  '.webm': {
    muxer: 'webm',
    video: ['vp9'],
    audio: ['opus', 'vorbis'],
    audioFallback: ['libopus', '-b:a', '128k'],
    subtitles: ['webvtt'],
    textSubtitles: 'webvtt',
    attachments: false,
    covers: false,
    options: [],
  },
  '.ts': {
    muxer: 'mpegts',
    video: ['h264', 'hevc'],
    audio: ['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'opus'],
    audioFallback: AAC,
    subtitles: ['dvb_subtitle'],
    textSubtitles: '',
    attachments: false,
    covers: false,
    // Without these the muxer delays everything by 1.4 s.
    options: ['-muxdelay', '0', '-muxpreload', '0'],
  },
};

/** A part of a source, in seconds of its own time stamps. */
export interface Part {
  readonly from: number;
  /** undefined: to the end. */
  readonly to: number | undefined;
}

/** How every stream of a source gets into an output file. */
export interface StreamPlan {
  readonly muxer: string;
  /** ffmpeg output options: maps, codecs, metadata; the stylized picture is input 0, the source input 1. */
  readonly options: readonly string[];
  /** What could not be kept as it was. */
  readonly notes: readonly string[];
}

/**
 * The codec for an output file: the requested one, or the default of its format.
 *
 * @throws OptionError `OUTPUT_FORMAT` for an unknown extension, `OUTPUT_CODEC` for a codec that the format cannot hold
 */
export function chooseCodec(output: string, asked?: VideoCodec): VideoCodec {
  const container = containerOf(output);
  const codec = asked ?? container.video[0]!;
  if (!VIDEO_CODECS.includes(codec)) {
    throw new OptionError('OUTPUT_CODEC', `There is no codec "${codec}"; expected ${VIDEO_CODECS.join(', ')}.`, {
      hint: 'Leave --codec out for the usual one.',
    });
  }
  if (!container.video.includes(codec)) {
    throw new OptionError(
      'OUTPUT_CODEC',
      `${extname(output)} files cannot hold ${codec}; expected ${container.video.join(' or ')}.`,
      {
        hint: 'Use an .mkv file, or another --codec.',
      },
    );
  }
  return codec;
}

/**
 * Plans how sound, subtitles, chapters, attachments and metadata of a source reach the output; without a source there
 * is only the picture.
 *
 * @param part what is kept of the source; packets are cut by ffmpeg's own options, re-encoded sound needs a filter
 */
export function planStreams(output: string, source?: MediaInfo, part?: Part): StreamPlan {
  const container = containerOf(output);
  const kind = extname(output).toLowerCase();
  const options = ['-map', '0:v:0'];
  if (source) {
    options.push('-map_metadata', '1', '-map_chapters', '1', '-map_metadata:s:0', `1:s:${source.video.index}`);
  }
  const notes: string[] = [];
  let count = 1;
  const add = (stream: OtherStream, codec: readonly string[], extra: readonly string[] = []) => {
    options.push(
      '-map',
      `1:${stream.index}`,
      `-map_metadata:s:${count}`,
      `1:s:${stream.index}`,
      `-c:${count}`,
      codec[0]!,
    );
    for (let i = 1; i < codec.length; i += 2) options.push(codec[i]!.replace(':a', `:${count}`), codec[i + 1]!);
    options.push(...extra);
    count++;
  };
  // MP4 lists its chapters as a stream of `bin_data` too: they are kept as chapters, so no note is needed.
  for (const stream of source?.others ?? []) {
    const what = `${stream.type} stream ${stream.index} (${stream.codec})`;
    if (stream.type === 'audio') {
      if (container.audio === 'any' || container.audio.includes(stream.codec)) add(stream, ['copy']);
      else {
        add(stream, container.audioFallback, part ? [`-filter:${count}`, atrim(part)] : []);
        notes.push(`${kind} cannot hold ${what}: it is re-encoded to ${container.audioFallback[0]}.`);
      }
    } else if (stream.type === 'subtitle') {
      if (container.subtitles.includes(stream.codec)) add(stream, ['copy']);
      else if (container.textSubtitles && TEXT_SUBTITLES.includes(stream.codec)) add(stream, [container.textSubtitles]);
      else notes.push(`${kind} cannot hold ${what}: it is left out. An .mkv file would keep it.`);
    } else if (stream.type === 'attachment' && container.attachments) add(stream, ['copy']);
    else if (stream.type === 'cover' && container.covers) {
      add(stream, ['copy'], [`-disposition:${count}`, 'attached_pic']);
    } else if (stream.codec !== 'bin_data') notes.push(`${what} is left out.`);
  }
  return { muxer: container.muxer, options: [...options, ...container.options], notes };
}

function atrim({ from, to }: Part): string {
  return to === undefined ? `atrim=start=${from}` : `atrim=start=${from}:end=${to}`;
}

function containerOf(output: string): Container {
  const container = CONTAINERS[extname(output).toLowerCase()];
  if (container) return container;
  throw new OptionError(
    'OUTPUT_FORMAT',
    `${output} has no video extension that is known; expected ${Object.keys(CONTAINERS).join(', ')}.`,
    {
      hint: 'Name the output for example stylized.mp4.',
    },
  );
}
