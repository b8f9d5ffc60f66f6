import type { Cut } from '../probe/cut.js';
import type { Chapter } from '../probe/info.js';

/** Chapters in ffmpeg's own text format (https://ffmpeg.org/ffmpeg-formats.html#Metadata-1), on the clock of a result. */
export function chaptersText(chapters: readonly Chapter[], cut: Cut): string {
  return [';FFMETADATA1', ...cutChapters(chapters, cut).flatMap(section)].join('\n').concat('\n');
}

/** What a cut leaves of chapters, with their times in the result. */
function cutChapters(chapters: readonly Chapter[], { start, end, origin }: Cut): Chapter[] {
  return chapters
    .filter((chapter) => chapter.end > start + 1e-3 && chapter.start < end - 1e-3)
    .map((chapter) => ({
      ...chapter,
      start: Math.max(0, Math.max(chapter.start, start) - origin),
      end: Math.max(0, Math.min(chapter.end, end) - origin),
    }));
}

function section({ start, end, tags }: Chapter): string[] {
  const lines = Object.entries(tags).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  const ms = (seconds: number) => Math.round(seconds * 1000);
  return ['[CHAPTER]', 'TIMEBASE=1/1000', `START=${ms(start)}`, `END=${ms(end)}`, ...lines];
}

function escaped(text: string): string {
  return text.replace(/[=;#\\\n]/g, '\\$&');
}
