import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VideoSource } from '../media/files/decode.js';
import { VideoSink } from '../media/files/encode/encode.js';
import { partialFiles } from '../media/files/output.js';
import type { MediaInfo } from '../media/probe/info.js';

/** Frames that are measured at most. */
const MOST = 48;

/** Seconds that a frame of a clip takes beside its painting, at its own size: the first ones are decoded and encoded. */
export async function copyTime(info: MediaInfo, signal?: AbortSignal): Promise<number> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'stylecast-preview-'));
  const path = join(folder, 'copy.mkv');
  partialFiles.add(path);
  try {
    const source = new VideoSource(info, signal ? { signal } : {});
    const { timeBase } = info.video;
    await using sink = await VideoSink.open(path, { timeBase }, source.size);
    let frames = 0;
    let began = 0;
    for await (const frame of source) {
      // ffmpeg's start is no part of it.
      if (frames++ === 0) began = performance.now();
      await sink.write(frame);
      if (frames === MOST) break;
    }
    await sink.close();
    return frames > 1 ? (performance.now() - began) / 1000 / frames : 0;
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
    partialFiles.delete(path);
  }
}
