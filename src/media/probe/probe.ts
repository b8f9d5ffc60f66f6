import { promises as fs } from 'node:fs';
import { MediaError } from '../../errors.js';
import { isUrl, localPath } from '../ffmpeg/path.js';
import { describeChapter, describeOther, describeVideo, positive } from './describe.js';
import { askFfprobe } from './ffprobe.js';
import type { MediaInfo } from './info.js';

/**
 * Probes a video file or URL with ffprobe.
 *
 * @throws MediaError `MEDIA_NOT_FOUND`, `MEDIA_IS_FOLDER`, `MEDIA_STDIN`, `MEDIA_EMPTY`, `MEDIA_UNREADABLE` (ffprobe
 * cannot open it), `MEDIA_NO_VIDEO` or `MEDIA_FFMPEG_KILLED`
 */
export async function probe(input: string): Promise<MediaInfo> {
  const path = localPath(input);
  await checkFile(path);
  const { streams = [], format = {}, chapters = [], programs = [] } = await askFfprobe(path);
  const pictures = streams.filter((stream) => stream.codec_type === 'video' && !stream.disposition?.attached_pic);
  const video = pictures.find((stream) => stream.width && stream.height);
  if (!video) {
    const found = streams.map((stream) => stream.codec_type ?? 'unknown').join(', ') || 'no streams';
    throw new MediaError('MEDIA_NO_VIDEO', `${path} has no video stream (found: ${found}).`, {
      hint: 'For a picture use "stylecast image".',
    });
  }
  const duration = positive(format.duration) ?? positive(video.duration);
  return {
    path,
    format: format.format_name ?? '',
    duration,
    startTime: Number(format.start_time ?? 0) || 0,
    timed: Number.isFinite(Number(format.start_time)),
    video: describeVideo(video, duration),
    others: streams.filter((stream) => stream !== video).map((stream) => describeOther(stream, video, programs)),
    chapters: chapters.map(describeChapter),
    tags: format.tags ?? {},
  };
}

async function checkFile(path: string): Promise<void> {
  if (isUrl(path)) return;
  if (path === '-') throw readOnce('The input is "-", the standard input');
  const stat = await fs.stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new MediaError('MEDIA_NOT_FOUND', `${path} does not exist.`, { hint: 'Check the path.', cause });
    }
    throw new MediaError('MEDIA_UNREADABLE', `${path} cannot be read: ${cause.message}`, { cause });
  });
  if (stat.isDirectory()) {
    throw new MediaError('MEDIA_IS_FOLDER', `${path} is a folder; expected a video file.`, {
      hint: 'Name a file in it.',
    });
  }
  if (stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice()) throw readOnce(`${path} is a pipe or a device`);
  if (stat.isFile() && stat.size === 0) {
    throw new MediaError('MEDIA_EMPTY', `${path} is empty (0 bytes); expected a video file.`, {
      hint: 'Check that the copy or download of it finished.',
    });
  }
}

function readOnce(what: string): MediaError {
  return new MediaError('MEDIA_STDIN', `${what}, which can be read only once.`, {
    hint: 'A file is read several times, for its picture, its sound and its clock: save it to a file first.',
  });
}
