import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MediaError, messageOf } from '../../errors.js';
import { findFfprobe } from '../ffmpeg/binaries.js';
import { INDEX_MISSING } from '../ffmpeg/known-failures.js';
import { ffmpegInput, inUsersWords } from '../ffmpeg/path.js';
import { FileCache } from './file-cache.js';

const run = promisify(execFile);

/** The parts of ffprobe's JSON that are read here. */
export interface ProbeStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  codec_tag_string?: string;
  pix_fmt?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  time_base?: string;
  avg_frame_rate?: string;
  nb_frames?: string;
  start_time?: string;
  duration?: string;
  field_order?: string;
  color_space?: string;
  color_primaries?: string;
  color_transfer?: string;
  color_range?: string;
  disposition?: Record<string, number>;
  tags?: Record<string, string>;
  sample_fmt?: string;
  sample_rate?: string;
  side_data_list?: {
    side_data_type?: string;
    type?: string;
    rotation?: number;
    dv_bl_signal_compatibility_id?: number;
  }[];
}

/** A chapter in ffprobe's JSON. */
export interface ProbeChapter {
  start_time: string;
  end_time: string;
  tags?: Record<string, string>;
}

/** A programme of a broadcast in ffprobe's JSON. */
export interface ProbeProgram {
  streams?: { index: number }[];
}

/** The output of ffprobe. */
export interface ProbeAnswer {
  streams?: ProbeStream[];
  chapters?: ProbeChapter[];
  programs?: ProbeProgram[];
  format?: { format_name?: string; duration?: string; start_time?: string; tags?: Record<string, string> };
}

const answers = new FileCache<string>();

/**
 * Runs ffprobe on a file or URL. A file that stays as it is is read once.
 *
 * @throws MediaError `MEDIA_UNREADABLE`, `MEDIA_FFMPEG_KILLED`
 */
export async function askFfprobe(path: string): Promise<ProbeAnswer> {
  const ffprobe = await findFfprobe();
  const { source, options } = ffmpegInput(path);
  const asked = ['-of', 'json', '-show_streams', '-show_format', '-show_chapters', '-show_programs'];
  try {
    const command = ['-v', 'error', ...asked, ...options, '-i', source];
    const read = async () => (await run(ffprobe, command, { maxBuffer: 2 ** 26 })).stdout;
    return JSON.parse(await answers.get(path, ffprobe, read));
  } catch (cause) {
    const { signal } = cause as { signal?: NodeJS.Signals };
    if (signal) {
      throw new MediaError('MEDIA_FFMPEG_KILLED', `ffprobe was killed (${signal}) while reading ${path}.`, {
        hint: 'The one of the npm package crashes on some files: install ffmpeg, which brings its own.',
        cause,
      });
    }
    const stderr = (cause as { stderr?: string }).stderr?.trim().split('\n') ?? [];
    const reason = inUsersWords(stderr.at(-1) ?? '', path).replace(`${path}: `, '') || messageOf(cause).split('\n')[0];
    const cut = stderr.some((line) => INDEX_MISSING.test(line));
    throw new MediaError('MEDIA_UNREADABLE', `${path} is not a video that ffmpeg can open: ${reason}`, {
      hint: cut
        ? 'Its index is missing: the recording or download was cut off, or it is no video at all. Get the file again.'
        : 'Check that it plays elsewhere; a renamed or half-downloaded file does not.',
      cause,
    });
  }
}
