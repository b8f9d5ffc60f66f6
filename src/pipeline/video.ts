import type { RealDevice } from '../engine/open.js';
import type { Frame, Size } from '../frame.js';
import { localPath } from '../media/ffmpeg/path.js';
import { VideoSource } from '../media/files/decode.js';
import { type FrameFormat, VideoSink } from '../media/files/encode.js';
import { checkCrf, checkPreset, type EncoderPreset } from '../media/files/encoder.js';
import { OutputFile } from '../media/files/output.js';
import { shorten } from '../media/files/shorten.js';
import { type MediaInfo, probe } from '../media/probe/probe.js';
import { readClock } from '../media/probe/read-clock.js';
import { chooseCodec, type VideoCodec } from '../media/tracks/container.js';
import { APPEARANCE_SIZE } from './auto/appearance.js';
import type { Painting } from './auto/scene-painter.js';
import type { Scene } from './auto/scenes.js';
import type { PipelineStage } from './ordered.js';
import { type FrameOrigin, openPainting } from './painting.js';
import { type Progress, ProgressMeter } from './progress.js';
import { checkRegions } from './region-painter.js';
import { checkNumbers, filesRead, type StyleOptions, stylizeFrames, workingSize } from './style.js';

/** A sink for finished frames: a file, or anything with these methods. */
export interface FrameSink {
  /** Takes over a frame; the next comes when the promise resolves. */
  write(frame: Frame): Promise<void> | void;
  /** Called once, after the last frame. */
  close(): Promise<void> | void;
  /** Called instead of `close` when the work has failed. */
  abort?(error: unknown): Promise<void> | void;
}

/** Options of `stylizeVideo`. */
export interface VideoOptions extends Omit<StyleOptions, 'steady'> {
  /** A file, a URL that ffmpeg opens, or frames from anywhere (all of one size). */
  readonly input: string | AsyncIterable<Frame>;
  /** A file (.mp4, .mov, .mkv, .webm, .ts), or a sink of your own. */
  readonly output: string | FrameSink;
  /** Where to begin, in seconds from the start of the file. */
  readonly start?: number;
  /** How much to stylize, in seconds. */
  readonly duration?: number;
  /** Temporal denoising before the network. */
  readonly denoise?: boolean;
  /** Reduce flicker: align the network's sampling grid with camera motion and filter over time; default: true. */
  readonly steady?: boolean;
  /** Default: H.264, or VP9 for .webm. */
  readonly codec?: VideoCodec;
  /** Constant rate factor; lower is better and larger. */
  readonly crf?: number;
  /** Speed of the encoder against size; default `veryfast`. */
  readonly encoderPreset?: EncoderPreset;
  /** Called with the progress, at most ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each finished frame before it is written; must return at once and copy what it keeps. */
  readonly onFrame?: (frame: Frame) => void;
  /** Called with notes to the user. */
  readonly onNote?: (note: string) => void;
  /** Aborting finishes the file with the frames so far, under a `.partial` name. */
  readonly signal?: AbortSignal;
}

/** The result. */
export interface VideoResult {
  /** The file that was written; undefined for a sink of your own, or when aborted before the first frame. */
  readonly output: string | undefined;
  readonly frames: number;
  /** Size of the written frames in pixels. */
  readonly width: number;
  readonly height: number;
  /** Wall time from the call to the end, in seconds. */
  readonly seconds: number;
  /** Frames per second of wall time. */
  readonly fps: number;
  /** True when the signal ended it early. */
  readonly interrupted: boolean;
  /** Where the network ran. */
  readonly device: RealDevice;
  /** The slowest stage. */
  readonly bottleneck: PipelineStage;
  /** The scenes and their styles, where these were chosen by content. */
  readonly scenes?: readonly Scene[];
  /** Notes to the user. */
  readonly notes: readonly string[];
}

/**
 * Stylizes a video: decode, network and encode run at the same time, in bounded memory.
 *
 * A file keeps its number of frames, their time stamps, sound, subtitles, chapters, metadata, size and colour tags. It
 * gets its name only when it is complete; after a failure nothing is left.
 *
 * @throws OptionError, MediaError, PresetError or EngineError, each with a code and a hint
 */
export async function stylizeVideo(options: VideoOptions): Promise<VideoResult> {
  const began = performance.now();
  const { input, signal } = options;
  const output = typeof options.output === 'string' ? localPath(options.output) : options.output;
  checkNumbers(options);
  checkRegions(options);
  if (options.encoderPreset) checkPreset(options.encoderPreset);
  const notes: string[] = [];
  const note = (...added: string[]) => {
    for (const text of added.filter((text) => !notes.includes(text))) {
      notes.push(text);
      options.onNote?.(text);
    }
  };
  const file = typeof output === 'string' ? await planFile(output, options) : undefined;
  const source = await openSource(input, options);
  const { size } = source;
  const pool: Uint8Array<ArrayBuffer>[] = [];
  const written = { width: options.compare ? 2 * size.width : size.width, height: size.height };

  let opened: Painting | undefined;
  let sink: FrameSink | undefined;
  let encoder: VideoSink | undefined;
  const meter = new ProgressMeter(source.total, options.onProgress);
  try {
    opened = await openPainting(
      { ...options, steady: options.steady ?? true, pictures: source.total },
      size,
      source.scene,
      note,
    );
    note(...opened.notes);
    if (file) {
      const release = (data: Uint8Array<ArrayBuffer>) => void pool.push(data);
      encoder = await VideoSink.open(file.partial, source.origin, written, { ...options, release });
      note(...encoder.notes);
    }
    sink = encoder ?? (output as FrameSink);
    for await (const frame of stylizeFrames(source.frames(pool), opened, { signal, onWait: meter.wait })) {
      options.onFrame?.(frame);
      const since = performance.now();
      await sink.write(frame);
      meter.wait('encode', performance.now() - since);
      meter.count();
      note(...source.notes());
    }
    const interrupted = signal?.aborted ?? false;
    const { frames, bottleneck } = meter.progress();
    let path: string | undefined;
    if (!file) await sink.close();
    else if (frames === 0) await encoder?.abort();
    else {
      await sink.close();
      if (interrupted) await shorten(file.partial, encoder?.lastTime ?? 0);
      path = interrupted ? file.keep() : await file.commit();
    }
    if (!path) await file?.discard();
    note(...source.notes());
    options.onProgress?.(meter.progress());
    const seconds = (performance.now() - began) / 1000;
    const { device, scenes } = opened;
    const fps = frames / seconds;
    return {
      output: path,
      frames,
      ...written,
      device,
      seconds,
      fps,
      interrupted,
      bottleneck,
      notes,
      ...(scenes && { scenes }),
    };
  } catch (error) {
    if (file) await encoder?.abort();
    else await (output as FrameSink).abort?.(error);
    await file?.discard();
    throw error;
  } finally {
    await source.close();
    await opened?.painter.close();
  }
}

async function planFile(output: string, options: VideoOptions): Promise<OutputFile> {
  const codec = chooseCodec(output, options.codec);
  if (options.crf !== undefined) checkCrf(codec, options.crf);
  const inputs = typeof options.input === 'string' ? [localPath(options.input)] : [];
  return OutputFile.plan(output, [...inputs, ...filesRead(options)], options.overwrite);
}

/** A source of frames and its properties. */
interface Source {
  readonly size: Size;
  readonly total: number | undefined;
  readonly origin: MediaInfo | FrameFormat;
  readonly scene: FrameOrigin;
  readonly frames: (pool: Uint8Array<ArrayBuffer>[]) => AsyncIterable<Frame>;
  readonly notes: () => readonly string[];
  /** Stops reading frames. */
  readonly close: () => Promise<unknown>;
}

async function openSource(input: VideoOptions['input'], options: VideoOptions): Promise<Source> {
  if (typeof input === 'string') return fileSource(await readClock(await probe(input)), options);
  const iterator = input[Symbol.asyncIterator]();
  const first = await iterator.next();
  const { width, height, pts } = first.done ? { ...NOTHING } : first.value;
  async function* frames() {
    if (!first.done) yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return {
    size: workingSize({ width, height }, {}),
    total: undefined,
    origin: { timeBase: pts.timeBase },
    scene: { shape: { width, height } },
    frames,
    notes: () => [],
    close: async () => iterator.return?.(),
  };
}

const NOTHING = { width: 2, height: 2, pts: { value: 0, timeBase: { num: 1, den: 90000 } } };

function fileSource(info: MediaInfo, options: VideoOptions): Source {
  const size = workingSize(info.video, options);
  let source: VideoSource | undefined;
  const { start = 0, duration = Number.POSITIVE_INFINITY } = options;
  const share = info.duration ? Math.min(Math.max(0, info.duration - start), duration) / info.duration : 1;
  const total = info.video.frames === undefined ? undefined : Math.max(1, Math.round(info.video.frames * share));
  return {
    size,
    total,
    origin: info,
    scene: {
      shape: info.video,
      startTime: info.startTime,
      readSmallFrames: () => new VideoSource(info, { ...options, size: APPEARANCE_SIZE }),
    },
    frames: (pool) => {
      const allocate = (bytes: number) => {
        const used = pool.pop();
        return used?.length === bytes ? used : new Uint8Array(new ArrayBuffer(bytes));
      };
      source = new VideoSource(info, { ...options, size, allocate });
      return source;
    },
    // Leaving the loop over a file's frames has ended ffmpeg already.
    close: async () => undefined,
    notes: () => {
      const { damage, frames } = source?.end ?? {};
      const some = total === undefined ? `${frames}` : `${frames} of ${total}`;
      return [
        ...(source?.notes ?? []),
        ...(damage ? [`${info.path} is damaged: ${some} frames could be read (${damage}).`] : []),
      ];
    },
  };
}
