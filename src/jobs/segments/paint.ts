import { rm } from 'node:fs/promises';
import type { RealDevice } from '../../engine/open.js';
import type { ShotState } from '../../engine/painter/painter.js';
import { MediaError } from '../../errors.js';
import type { Frame } from '../../frame.js';
import { VideoSink } from '../../media/files/encode/encode.js';
import { partialFiles } from '../../media/files/output.js';
import type { MediaInfo } from '../../media/probe/info.js';
import type { Scene } from '../../pipeline/auto/scenes.js';
import type { FramePainter } from '../../pipeline/frame-painter.js';
import { openPainting } from '../../pipeline/painting.js';
import type { ProgressMeter } from '../../pipeline/progress.js';
import { stylizeFrames } from '../../pipeline/style.js';
import { fileSource } from '../../pipeline/stylize/source.js';
import { keepFile } from '../job/disk.js';
import type { Segment } from '../job/manifest.js';
import type { LongVideoOptions } from '../options.js';

/** What is needed to paint a segment. */
export interface SegmentWork {
  readonly info: MediaInfo;
  readonly options: LongVideoOptions;
  readonly segment: Segment;
  /** Seconds of the source's clock at which the segment's file is zero. */
  readonly origin: number;
  /** The first frame of the next segment, in seconds; undefined for the last. */
  readonly end: number | undefined;
  /** The segment's file, and its name until it is whole. */
  readonly path: string;
  readonly making: string;
  readonly scenes: readonly Scene[];
  /** Frames of the whole clip. */
  readonly total: number;
  /** Where the shot had got to before the lead-in, for a segment that continues one. */
  readonly shot: ShotState | undefined;
  /** Frames of the segment before the next one's lead-in, where that continues the shot. */
  readonly handOver: number | undefined;
}

/** What came of it; undefined: it was interrupted, and nothing is left. */
export interface PaintedSegment {
  readonly device: RealDevice;
  /** Where the shot had got to after `handOver` frames. */
  readonly shot: ShotState | undefined;
}

/**
 * Paints a segment into a file that holds its picture alone. The file has its name only when it is whole and on the
 * disk.
 *
 * @throws MediaError `JOB_FRAMES` when there are not as many frames as planned; else as `stylizeVideo`
 */
export async function paintSegment(
  work: SegmentWork,
  meter: ProgressMeter,
  note: (...notes: readonly string[]) => void,
): Promise<PaintedSegment | undefined> {
  const { info, segment, path, making: partial } = work;
  const { start: _, duration: __, ...options } = work.options;
  const { signal } = options;
  const since = (time: number) => time - info.startTime;
  const first = segment.from === null ? work.options.start : since(segment.from);
  const source = fileSource(info, { ...options, ...(first !== undefined && { start: first }) });
  const { size } = source;
  const pool: Uint8Array<ArrayBuffer>[] = [];
  let sink: VideoSink | undefined;
  let painter: FramePainter | undefined;
  let written = 0;
  partialFiles.add(partial);
  try {
    const scenes = scenesFrom(work.scenes, segment.from ?? segment.start);
    const origin = { ...source.scene, ...(scenes && { scenes }) };
    const steady = options.steady ?? true;
    const opened = await openPainting({ ...options, steady, pictures: work.total }, size, origin, note);
    painter = opened.painter;
    note(...opened.notes);
    if (work.shot) painter.continueShot?.(work.shot);
    const shown = { width: options.compare ? 2 * size.width : size.width, height: size.height };
    sink = await VideoSink.open(partial, pictureOf(info), shown, {
      ...options,
      start: since(work.origin),
      ...(work.end !== undefined && { duration: work.end - work.origin }),
      release: (data) => void pool.push(data),
      alpha: !options.compare,
    });
    note(...sink.notes);
    const tap = tapShot(painter, work.handOver === undefined ? undefined : segment.leadIn + work.handOver);
    const frames = upTo(segment.leadIn + segment.frames, source.frames(pool, sink.alpha));
    let read = 0;
    for await (const frame of stylizeFrames(frames, { painter: tap }, { signal, onWait: meter.wait })) {
      if (read++ < segment.leadIn) {
        pool.push(frame.data);
        continue;
      }
      options.onFrame?.(frame);
      const began = performance.now();
      await sink.write(frame);
      meter.wait('encode', performance.now() - began);
      meter.count();
      written++;
    }
    note(...source.notes());
    if (signal?.aborted) return undefined;
    if (written !== segment.frames) throw miscounted(info.path, written, segment);
    await sink.close();
    sink = undefined;
    await keepFile(partial, path);
    return { device: opened.device, shot: await tap.shot };
  } finally {
    await sink?.abort();
    await painter?.close();
    if (partialFiles.delete(partial)) await rm(partial, { force: true });
  }
}

/** A file as if it held nothing but its picture. */
function pictureOf(info: MediaInfo): MediaInfo {
  return { ...info, others: [], chapters: [], tags: {}, video: { ...info.video, tags: {}, default: false } };
}

/** The scenes from the one on that a time lies in; undefined where none were chosen. */
function scenesFrom(scenes: readonly Scene[], time: number): readonly [Scene, ...Scene[]] | undefined {
  const at = Math.max(
    0,
    scenes.findLastIndex(({ start }) => start <= time),
  );
  const [first, ...later] = scenes.slice(at);
  return first && [first, ...later];
}

async function* upTo(count: number, frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let taken = 0;
  for await (const frame of frames) {
    yield frame;
    if (++taken === count) return;
  }
}

/** A painter whose state before its frame of a number is kept. */
function tapShot(painter: FramePainter, number: number | undefined) {
  let asked = 0;
  const tap = {
    shot: undefined as Promise<ShotState> | undefined,
    sessions: painter.sessions,
    paint: (frame: Frame) => {
      if (asked++ === number) tap.shot = painter.shotState?.();
      return painter.paint(frame);
    },
    close: () => painter.close(),
  };
  return tap;
}

function miscounted(path: string, written: number, { frames, start }: Segment): MediaError {
  const from = `${path} from ${start.toFixed(3)} s`;
  return new MediaError('JOB_FRAMES', `${from}: ${written} frames could be read; expected ${frames}.`, {
    hint: 'A damaged file may not be readable in parts: try --no-resume.',
  });
}
