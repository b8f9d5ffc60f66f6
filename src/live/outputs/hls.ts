import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { MediaError, messageOf } from '../../errors.js';
import { h264 } from './h264.js';
import type { OutputPlan, PlanContext } from './plan.js';

const PLAYLIST = 'index.m3u8';
const SEGMENT = /^segment\d{5,}\.ts(\.tmp)?$/;
/** Length of a segment in seconds, and number of segments in the playlist. */
const SECONDS = 2;
const LISTED = 6;

/** Writes an HLS playlist and its newest segments, for any web server. */
export interface HlsSpec {
  readonly kind: 'hls';
  /** Created if missing. Files of an earlier show are removed. */
  readonly folder: string;
}

/** @throws MediaError `OUTPUT_NOT_WRITABLE` */
export async function planHls({ folder }: HlsSpec, context: PlanContext): Promise<OutputPlan> {
  try {
    await fs.mkdir(folder, { recursive: true });
    for (const name of await fs.readdir(folder)) {
      if (SEGMENT.test(name) || name === PLAYLIST || name === `${PLAYLIST}.tmp`) await fs.rm(join(folder, name));
    }
    await fs.access(folder, fs.constants.W_OK);
  } catch (cause) {
    throw new MediaError('OUTPUT_NOT_WRITABLE', `The folder ${folder} cannot be used: ${messageOf(cause)}`, {
      hint: 'Choose a folder that you may write to with --hls.',
      cause,
    });
  }
  const codec = await h264(context);
  const path = resolve(folder);
  return {
    name: `hls ${folder}`,
    sound: 'source',
    target: join(path, PLAYLIST),
    retries: true,
    options: (again) => [
      ...codec,
      ...['-f', 'hls', '-hls_time', String(SECONDS), '-hls_list_size', String(LISTED)],
      ...['-hls_flags', `delete_segments+independent_segments+temp_file${again ? '+append_list' : ''}`],
      ...['-hls_segment_filename', join(path, 'segment%05d.ts')],
    ],
  };
}
