import type { MediaInfo } from '../probe/info.js';
import type { Container } from './container.js';

/** Tags that tell of the file and not of what is in it, or that formats keep elsewhere. */
const OF_THE_FILE =
  /^(major_brand|minor_version|compatible_brands|encoder|software|creation_time|duration|timecode|language|handler_name|vendor_id|_statistics_.*|bps|number_of_(bytes|frames))(-[a-z]+)?$/i;
/** Tags of QuickTime's own, such as where a telephone was and what it is. */
const QUICKTIME = /^com\./i;

/** What is lost that lies neither in a stream nor in a frame, and how QuickTime's own tags are kept. */
export interface Losses {
  /** ffmpeg output options. */
  readonly options: readonly string[];
  readonly notes: readonly string[];
}

/** What a format cannot hold of a file's tags, chapters and marks; one sentence for all of it. */
export function lossesOf(source: MediaInfo, container: Container, kind: string): Losses {
  const names = Object.keys(source.tags).filter((name) => !OF_THE_FILE.test(name) && !isTwin(source.tags, name));
  // QuickTime's way takes the place of the one that holds covers.
  const covers = source.others.some(({ type, codec }) => type === 'cover' && container.covers.includes(codec));
  const quicktime = container.quicktime === true && !covers && names.some((name) => QUICKTIME.test(name));
  const { tags } = container;
  const lost = tags === 'any' || quicktime ? [] : names.filter((name) => !tags.includes(name.toLowerCase()));
  const things = [
    ...(source.chapters.length > 0 && !container.chapters ? ['the chapters'] : []),
    ...(source.video.tags.timecode !== undefined && !container.timecode ? ['the timecode'] : []),
    ...(lost.length > 0 ? [`the tag${lost.length > 1 ? 's' : ''} ${lost.join(', ')}`] : []),
  ];
  const notes = things.length > 0 ? [`${kind} cannot hold ${things.join(', ')}: left out.`] : [];
  return {
    options: quicktime ? ['-movflags', '+use_metadata_tags', ...without(source.tags)] : [],
    notes: [...notes, ...marksOf(source)],
  };
}

/** ffmpeg gives QuickTime's texts twice, once with their language: `location` and `location-eng` are one tag. */
function isTwin(tags: MediaInfo['tags'], name: string): boolean {
  const plain = name.replace(/-[a-z]{3}$/, '');
  return plain !== name && tags[plain] === tags[name];
}

/** QuickTime's way writes all tags there are: not those of the source's file. */
function without(tags: MediaInfo['tags']): string[] {
  return Object.keys(tags)
    .filter((name) => (OF_THE_FILE.test(name) && name !== 'creation_time') || isTwin(tags, name))
    .flatMap((name) => ['-metadata', `${name}=`]);
}

const MARKS: Readonly<Record<string, string>> = {
  'Spherical Mapping': 'The mark of a 360° video is lost: players will show it flat.',
  'Stereo 3D': 'The mark of a stereoscopic video is lost: players will show both views as one picture.',
};

function marksOf({ video }: MediaInfo): string[] {
  return video.sideData.flatMap((name) => MARKS[name] ?? []);
}
