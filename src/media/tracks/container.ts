import { extname } from 'node:path';
import { OptionError } from '../../errors.js';

/** Video codecs that can be asked for. */
export const VIDEO_CODECS = ['h264', 'hevc', 'vp9', 'av1', 'prores', 'qtrle', 'webp', 'gif'] as const;
/** A video codec that can be asked for. */
export type VideoCodec = (typeof VIDEO_CODECS)[number];

/** What a file format holds, by ffmpeg's names of codecs, and what becomes of the rest. */
export interface Container {
  readonly muxer: string;
  readonly video: readonly VideoCodec[];
  /** Sound that is copied. */
  readonly audio: readonly string[];
  /** What other sound is re-encoded to, with the encoder's options for stream `N`; empty where there can be none. */
  readonly audioFallback: readonly string[];
  /** What other uncompressed sound becomes, by its bits; default: as all other. */
  readonly pcmFallback?: { readonly 16: string; readonly 24: string };
  readonly subtitles: readonly string[];
  /** What text subtitles are converted to; empty where there can be none. */
  readonly textSubtitles: string;
  readonly attachments: boolean;
  /** Pictures that can be the cover, and whether they are attached as files. */
  readonly covers: readonly string[];
  readonly coversAreFiles?: boolean;
  readonly chapters: boolean;
  readonly timecode: boolean;
  /** Whether it says how the views of two eyes lie in a picture. */
  readonly stereo?: boolean;
  /** What it can say of what a stream is for, in ffprobe's words; `any` for all. */
  readonly purposes: readonly string[] | 'any';
  /** Tags of the file that are kept, in lower case; `any` for all. */
  readonly tags: readonly string[] | 'any';
  /** Whether it can hold other tags too, in QuickTime's own way. */
  readonly quicktime?: boolean;
  /** Languages as the format has them, where they differ. */
  readonly languages?: Readonly<Record<string, string>>;
  readonly options: readonly string[];
}

/** Subtitles that are text, and so can be converted. */
export const TEXT_SUBTITLES: readonly string[] = ['subrip', 'srt', 'ass', 'ssa', 'mov_text', 'webvtt', 'text'];

const MPEG_AUDIO = ['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'alac', 'opus', 'flac'];
const AAC = ['aac', '-b:N', '192k'];
/** Of four hundred possible layouts it knows these; others are mixed into one. */
const OPUS = ['libopus', '-b:N', '128k', '-filter:N', 'aformat=channel_layouts=7.1|5.1|stereo|mono'];
const PCM = ['s8', 's16le', 's16be', 's24le', 's24be', 's32le', 's32be', 'f32le', 'f32be', 'f64le', 'f64be'];

const MP4: Container = {
  muxer: 'mp4',
  video: ['h264', 'hevc', 'vp9', 'av1'],
  audio: MPEG_AUDIO,
  audioFallback: AAC,
  subtitles: ['mov_text', 'dvd_subtitle'],
  textSubtitles: 'mov_text',
  attachments: false,
  covers: ['mjpeg', 'png', 'bmp'],
  chapters: true,
  timecode: true,
  purposes: 'any',
  tags: [
    ...['title', 'artist', 'album_artist', 'composer', 'album', 'date', 'comment', 'genre', 'copyright', 'grouping'],
    ...['lyrics', 'description', 'synopsis', 'show', 'episode_id', 'network', 'keywords', 'rating', 'location'],
    ...['track', 'disc', 'compilation', 'season_number', 'episode_sort', 'media_type', 'hd_video', 'gapless_playback'],
  ],
  quicktime: true,
  options: ['-movflags', '+faststart', '-strict', '-2'],
};

/** Pictures that move, and hold nothing else. */
const ONLY_PICTURES = {
  ...{ audio: [], audioFallback: [], subtitles: [], textSubtitles: '', attachments: false, covers: [] },
  ...{ chapters: false, timecode: false, purposes: [], tags: [], options: [] },
};

const CONTAINERS: Readonly<Record<string, Container>> = {
  '.mp4': MP4,
  '.m4v': MP4,
  '.mov': {
    ...MP4,
    muxer: 'mov',
    video: ['h264', 'hevc', 'prores', 'qtrle'],
    audio: [
      ...MPEG_AUDIO.filter((codec) => codec !== 'opus' && codec !== 'flac'),
      ...PCM.map((format) => `pcm_${format}`),
      ...['pcm_u8', 'pcm_alaw', 'pcm_mulaw', 'adpcm_ima_qt'],
    ],
    pcmFallback: { 16: 'pcm_s16le', 24: 'pcm_s24le' },
    covers: [],
    // QuickTime numbers its languages, and knows them by these codes only.
    languages: {
      ...{ deu: 'ger', nld: 'dut', ell: 'gre', isl: 'ice', zho: 'chi', sqi: 'alb', mkd: 'mac', hye: 'arm', kat: 'geo' },
      ...{ swe: 'sve', fre: 'fra', cze: 'ces', slo: 'slk', rum: 'ron', bod: 'tib', eus: 'baq', cym: 'wel', mya: 'bur' },
      ...{ fas: 'per', msa: 'may' },
    },
  },
  '.mkv': {
    muxer: 'matroska',
    video: ['h264', 'hevc', 'vp9', 'av1', 'prores'],
    audio: [
      ...[...MPEG_AUDIO, 'mp1', 'vorbis', 'dts', 'truehd', 'mlp', 'tta', 'wavpack', 'pcm_u8', 'pcm_f32le', 'pcm_f64le'],
      ...['pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_s16be', 'pcm_s24be', 'pcm_s32be', 'pcm_alaw', 'pcm_mulaw'],
      ...['adpcm_ms', 'adpcm_ima_wav', 'wmav1', 'wmav2', 'wmapro', 'wmalossless', 'cook', 'ra_144', 'ra_288', 'atrac3'],
      ...['qdm2', 'qdmc'],
    ],
    audioFallback: AAC,
    pcmFallback: { 16: 'pcm_s16le', 24: 'pcm_s24le' },
    subtitles: ['subrip', 'ass', 'ssa', 'webvtt', 'hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle'],
    textSubtitles: 'srt',
    attachments: true,
    covers: ['mjpeg', 'png', 'gif', 'bmp', 'webp', 'tiff'],
    coversAreFiles: true,
    chapters: true,
    timecode: true,
    stereo: true,
    purposes: 'any',
    tags: 'any',
    options: [],
  },
  '.webm': {
    muxer: 'webm',
    video: ['vp9', 'av1'],
    audio: ['opus', 'vorbis'],
    audioFallback: OPUS,
    subtitles: ['webvtt'],
    textSubtitles: 'webvtt',
    attachments: false,
    covers: [],
    chapters: true,
    timecode: true,
    stereo: true,
    purposes: ['forced'],
    tags: 'any',
    options: [],
  },
  '.ts': {
    muxer: 'mpegts',
    video: ['h264', 'hevc'],
    audio: ['aac', 'mp3', 'mp2', 'mp1', 'ac3', 'eac3', 'opus', 'dts', 'truehd', 's302m'],
    audioFallback: AAC,
    subtitles: ['dvb_subtitle', 'dvb_teletext'],
    textSubtitles: '',
    attachments: false,
    covers: [],
    chapters: false,
    timecode: false,
    purposes: ['hearing_impaired', 'visual_impaired'],
    tags: ['service_name', 'service_provider'],
    // Without these the muxer moves everything by 1.4 s.
    options: ['-muxdelay', '0', '-muxpreload', '0'],
  },
  '.gif': { ...ONLY_PICTURES, muxer: 'gif', video: ['gif'] },
  '.webp': { ...ONLY_PICTURES, muxer: 'webp', video: ['webp'] },
};

/**
 * The codec for an output file: the asked one, or the usual one for its format.
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
 * The format of an output file.
 *
 * @throws OptionError `OUTPUT_FORMAT` for an unknown extension
 */
export function containerOf(output: string): Container {
  const container = CONTAINERS[extname(output).toLowerCase()];
  if (container) return container;
  if (output === '-') {
    throw new OptionError('OUTPUT_STDOUT', 'The output is "-", the standard output; expected a file.', {
      hint: 'A video gets its index when it is whole: write a file, and send that on.',
    });
  }
  throw new OptionError(
    'OUTPUT_FORMAT',
    `${output} has no video extension that is known; expected ${Object.keys(CONTAINERS).join(', ')}.`,
    {
      hint: 'Name the output for example stylized.mp4.',
    },
  );
}
