import { extname } from 'node:path';
import { type Cut, jumps } from '../probe/cut.js';
import type { MediaInfo, OtherStream } from '../probe/info.js';
import { type Container, containerOf, TEXT_SUBTITLES } from './container.js';
import { lossesOf } from './losses.js';
import { mendPackets, mendSamples, tickOf } from './packet-clock.js';

/** How every stream of a source gets into an output file. */
export interface StreamPlan {
  readonly muxer: string;
  /** ffmpeg output options: maps, codecs, metadata; the stylized picture is input 0, the source input 1. */
  readonly options: readonly string[];
  /** Covers that are attached as files, by their indices in the source. */
  readonly attached: readonly OtherStream[];
  /** Text subtitles that are cut as files of their own, which are inputs from 2 on, in this order. */
  readonly texts: readonly OtherStream[];
  /** What could not be kept as it was. */
  readonly notes: readonly string[];
}

/** What ffmpeg can do to packets that it copies. */
export interface PacketSkills {
  /** Whether it can set the times of packets, and leave out some. */
  readonly retime: boolean;
  /** Its libavutil, as `Ffmpeg.level`. */
  readonly level: number;
}

/** What becomes of one stream. */
type Fate =
  | { readonly kind: 'copy' }
  | { readonly kind: 'encode'; readonly codec: readonly string[]; readonly note?: string }
  | { readonly kind: 'attach' }
  | { readonly kind: 'leave'; readonly note?: string };

/** The cut of a file that is kept whole. */
const WHOLE: Cut = { asked: false, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, origin: 0 };

/**
 * Plans where sound, subtitles, covers and attachments of a source go; without a source there is only the picture.
 * Nothing is left out without a word.
 *
 * @param picture what the stylized picture is mapped from
 */
export function planStreams(
  output: string,
  source?: MediaInfo,
  cut: Cut = WHOLE,
  skills: PacketSkills = { retime: false, level: 0 },
  picture = '0:v:0',
): StreamPlan {
  const container = containerOf(output);
  const kind = extname(output).toLowerCase();
  const options = ['-map', picture];
  if (source) {
    options.push(
      '-map_metadata',
      '1',
      '-map_metadata:s:0',
      `1:s:${source.video.index}`,
      ...fresh(0, source.video.tags),
    );
    if (source.video.default) options.push('-disposition:0', 'default');
  }
  const losses = source && lossesOf(source, container, kind);
  const notes: string[] = [];
  const attached: OtherStream[] = [];
  const texts: OtherStream[] = [];
  let count = 1;
  for (const stream of source?.others ?? []) {
    const plain = fateOf(stream, container, kind);
    const stuck = jumps(source!.clock) && !skills.retime && plain.kind === 'copy' && stream.type === 'audio';
    const fate = stuck ? decoded(stream, container) : plain;
    if ('note' in fate && fate.note) notes.push(fate.note);
    if (fate.kind === 'attach') attached.push(stream);
    if (fate.kind !== 'copy' && fate.kind !== 'encode') continue;
    const text = cut.asked && stream.type === 'subtitle' && TEXT_SUBTITLES.includes(stream.codec);
    if (text) texts.push(stream);
    const from = text ? `${1 + texts.length}:0` : `1:${stream.index}`;
    const [codec, ...more] =
      fate.kind === 'copy' ? ['copy'] : fate.codec.map((text) => text.replace(':N', `:${count}`));
    options.push('-map', from, `-map_metadata:s:${count}`, `1:s:${stream.index}`);
    // What mov_text is read as has to be written as such again.
    options.push(`-c:${count}`, text && codec === 'copy' && stream.codec === 'mov_text' ? 'mov_text' : codec!);
    options.push(
      ...merged([...more, ...placed(stream, count, fate.kind === 'copy', source!, cut, skills, container.muxer)]),
    );
    options.push(...language(stream, count, container));
    if (cut.asked || fate.kind === 'encode') options.push(...fresh(count, stream.tags));
    if (stream.type === 'cover') options.push(`-disposition:${count}`, 'attached_pic');
    count++;
  }
  options.push(...container.options, ...(losses?.options ?? []));
  return { muxer: container.muxer, options, attached, texts, notes: [...notes, ...(losses?.notes ?? [])] };
}

function fateOf(stream: OtherStream, container: Container, kind: string): Fate {
  const { type, codec, index, tags = {} } = stream;
  const what = `${type} stream ${index} (${codec})`;
  if (stream.elsewhere) return { kind: 'leave', note: `${what} belongs to another programme: it is left out.` };
  const leave: Fate = { kind: 'leave', note: `${what} is left out.` };
  switch (type) {
    case 'audio': {
      if (container.audio.includes(codec)) return { kind: 'copy' };
      if (container.audioFallback.length === 0)
        return { kind: 'leave', note: `${kind} cannot hold ${what}: it is left out.` };
      const pcm = codec.startsWith('pcm_') && container.pcmFallback?.[stream.bits === 24 ? 24 : 16];
      const to = pcm ? [pcm] : container.audioFallback;
      return { kind: 'encode', codec: to, note: `${kind} cannot hold ${what}: it is re-encoded to ${to[0]}.` };
    }
    case 'subtitle':
      if (container.subtitles.includes(codec)) return { kind: 'copy' };
      if (container.textSubtitles && TEXT_SUBTITLES.includes(codec))
        return { kind: 'encode', codec: [container.textSubtitles] };
      return { kind: 'leave', note: `${kind} cannot hold ${what}: it is left out. An .mkv file would keep it.` };
    case 'attachment':
      return container.attachments ? { kind: 'copy' } : leave;
    case 'cover':
      if (!container.covers.includes(codec)) return leave;
      return container.coversAreFiles ? { kind: 'attach' } : { kind: 'copy' };
    default:
      // MP4 lists its chapters as a stream of `bin_data`, and the timecode as one that is known by its tag: both are kept.
      if (codec === 'bin_data' || (stream.codecTag === 'tmcd' && container.timecode && tags.timecode))
        return { kind: 'leave' };
      return leave;
  }
}

/** Sound on a clock that jumps, where ffmpeg cannot move packets. */
function decoded({ index, codec }: OtherStream, { audioFallback }: Container): Fate {
  const note = `This ffmpeg is older than 5.1 and cannot move packets: audio stream ${index} (${codec}) is re-encoded to ${audioFallback[0]}.`;
  return { kind: 'encode', codec: audioFallback, note };
}

/** Seconds that encoders put before the first sample: what lies earlier was cut off. */
const LONGEST_PRIMING = 0.3;

/** What puts a stream on the clock of the result, and cuts it. */
function placed(
  { type, index, sampleRate }: OtherStream,
  number: number,
  copied: boolean,
  source: MediaInfo,
  cut: Cut,
  { retime, level }: PacketSkills,
  muxer: string,
): string[] {
  const stretches = source.clock?.stretches ?? [];
  const length = cut.end - cut.start;
  const tick = tickOf(level, muxer, sampleRate);
  // It has no time.
  if (type === 'cover' || type === 'attachment') return cut.asked ? [`-copypriorss:${number}`, '1'] : [];
  if (copied) {
    const mend = retime && jumps(source.clock) ? mendPackets(number, index, stretches, length, cut.asked, tick) : [];
    // What an edit list hides stays where it is hidden again, and would be heard elsewhere.
    const heard = (source.hiddenSound ?? 0) > LONGEST_PRIMING && type === 'audio' && !/^(mp4|mov)$/.test(muxer);
    const early = !heard && (jumps(source.clock) || cut.start <= source.startTime);
    return cut.asked || heard ? [`-copypriorss:${number}`, early ? '1' : '0', ...mend] : mend;
  }
  if (type !== 'audio') return [];
  const filters = [...mendSamples(index, stretches, cut.origin), ...(cut.asked ? [atrim(length)] : [])];
  return filters.length > 0 ? [`-filter:${number}`, filters.join(',')] : [];
}

/** Filters of one stream in one option: ffmpeg takes the last one only. */
function merged(options: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (let i = 0; i < options.length; i += 2) {
    const [name, value] = [options[i]!, options[i + 1]!];
    const before = found.get(name);
    found.set(name, before !== undefined && name.startsWith('-filter') ? `${before},${value}` : value);
  }
  return [...found].flat();
}

function atrim(length: number): string {
  return Number.isFinite(length) ? `atrim=start=0:end=${length.toFixed(6)}` : 'atrim=start=0';
}

/** What was measured of the source's packets, or tells its encoder, is not true of others. */
const MEASURED = /^(encoder|alpha_mode|bps|duration|number_of_(bytes|frames)|_statistics_.*)(-[a-z]+)?$/i;

/** Leaves out the tags that are not true of what is new. */
function fresh(number: number, tags: Readonly<Record<string, string>> = {}): string[] {
  return Object.keys(tags)
    .filter((name) => MEASURED.test(name))
    .flatMap((name) => [`-metadata:s:${number}`, `${name}=`]);
}

function language({ tags = {} }: OtherStream, number: number, { languages = {} }: Container): string[] {
  const own = languages[tags.language ?? ''];
  return own ? [`-metadata:s:${number}`, `language=${own}`] : [];
}
