import { localPath } from '../../media/ffmpeg/path.js';
import { VideoSink } from '../../media/files/encode/encode.js';
import { shorten } from '../../media/files/encode/shorten.js';
import type { Painting } from '../auto/scene-painter.js';
import { openPainting } from '../painting.js';
import { ProgressMeter } from '../progress.js';
import { checkRegions } from '../region-painter.js';
import { checkNumbers, stylizeFrames } from '../style.js';
import { planFile } from './plan-file.js';
import { openSource } from './source.js';
import type { FrameSink, VideoOptions, VideoResult } from './video-options.js';

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
      encoder = await VideoSink.open(file.partial, source.origin, written, {
        ...options,
        release,
        alpha: !options.compare,
      });
      note(...encoder.notes);
    }
    sink = encoder ?? (output as FrameSink);
    for await (const frame of stylizeFrames(source.frames(pool, encoder?.alpha), opened, {
      signal,
      onWait: meter.wait,
    })) {
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
