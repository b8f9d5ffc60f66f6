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
  const marks = marksOf(source, container);
  return {
    options: [...(quicktime ? ['-movflags', '+use_metadata_tags', ...without(source.tags)] : []), ...marks.options],
    notes: [...notes, ...marks.notes, ...purposesLost(source, container, kind)],
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

const FLAT = 'The mark of a 360° video is lost: players will show it flat.';
const BOTH = 'The mark of a stereoscopic video is lost: players will show both views as one picture.';
/** How two views lie in a picture, in ffprobe's words and in Matroska's. */
const VIEWS: Readonly<Record<string, string>> = { 'side by side': 'left_right', 'top and bottom': 'top_bottom' };

/** What tells how the picture is to be looked at: options that keep it, and what is lost. */
function marksOf({ video }: MediaInfo, container: Container): Losses {
  const notes = video.sideData.includes('Spherical Mapping') ? [FLAT] : [];
  if (video.stereo === undefined || video.stereo === '2D') return { options: [], notes };
  const views = container.stereo ? (video.tags.stereo_mode ?? VIEWS[video.stereo]) : undefined;
  return views
    ? { options: ['-metadata:s:v:0', `stereo_mode=${views}`], notes }
    : { options: [], notes: [...notes, BOTH] };
}

/** Purposes that say no more than the stream itself, or that are told otherwise. */
const SAID = ['default', 'attached_pic', 'still_image', 'timed_thumbnails', 'captions', 'descriptions', 'metadata'];

/** What the format cannot say of what a stream is for. */
function purposesLost(
  { others }: MediaInfo,
  { purposes, audioFallback, textSubtitles, subtitles }: Container,
  kind: string,
): string[] {
  if (purposes === 'any') return [];
  const isHeld = (type: string, codec: string) =>
    type === 'audio'
      ? audioFallback.length > 0
      : type === 'subtitle' && (textSubtitles !== '' || subtitles.includes(codec));
  return others
    .filter(({ type, codec, elsewhere }) => !elsewhere && isHeld(type, codec))
    .flatMap(({ purposes: told = [], index, type }) => {
      const lost = told.filter((name) => !SAID.includes(name) && !purposes.includes(name));
      return lost.length > 0
        ? `${kind} cannot say what ${type} stream ${index} is for (${lost.join(', ')}): left out.`
        : [];
    });
}
