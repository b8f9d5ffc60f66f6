import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { MediaError, messageOf, OptionError } from '../../errors.js';
import { h264 } from './h264.js';
import type { OutputPlan, PlanContext } from './plan.js';

const PLAYLIST = 'index.m3u8';
/** Stands in folders whose playlist and segments are ours to remove. */
const MARK = '.stylecast';
const SEGMENT = /^segment\d{5,}\.ts(\.tmp)?$/;
/** Length of a segment in seconds, and number of segments in the playlist. */
const SECONDS = 2;
const LISTED = 6;

/** Writes an HLS playlist and its newest segments, for any web server. */
export interface HlsSpec {
  readonly kind: 'hls';
  /** Created if missing. Files of an earlier show are removed. */
  readonly folder: string;
  /** Replace a playlist and segments that are not of a show of ours. */
  readonly overwrite?: boolean;
}

/** @throws OptionError `OUTPUT_EXISTS`; MediaError `OUTPUT_NOT_WRITABLE` */
export async function planHls({ folder, overwrite = false }: HlsSpec, context: PlanContext): Promise<OutputPlan> {
  try {
    await fs.mkdir(folder, { recursive: true });
    const all = await fs.readdir(folder);
    const old = all.filter((name) => /\.(m3u8|ts)(\.tmp)?$/.test(name)).sort();
    if (old.length > 0 && !all.includes(MARK) && !overwrite) throw foreign(folder, old[0]!);
    for (const name of old) {
      if (SEGMENT.test(name) || name === PLAYLIST || name === `${PLAYLIST}.tmp`) await fs.rm(join(folder, name));
    }
    await fs.writeFile(
      join(folder, MARK),
      'The playlist and the segments beside this file are replaced by each show.\n',
    );
  } catch (cause) {
    if (cause instanceof OptionError) throw cause;
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
    bytes: () => bytesIn(path),
    options: (again) => [
      ...codec,
      ...['-f', 'hls', '-hls_time', String(SECONDS), '-hls_list_size', String(LISTED)],
      ...['-hls_flags', `delete_segments+independent_segments+temp_file${again ? '+append_list' : ''}`],
      ...['-hls_segment_filename', join(path, 'segment%05d.ts')],
    ],
  };
}

/** The length of all segments that are there now. */
async function bytesIn(folder: string): Promise<number> {
  const names = (await fs.readdir(folder)).filter((name) => SEGMENT.test(name));
  const lengths = names.map((name) =>
    fs.stat(join(folder, name)).then(
      ({ size }) => size,
      // Removed meanwhile.
      () => 0,
    ),
  );
  return (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
}

function foreign(folder: string, name: string): OptionError {
  return new OptionError('OUTPUT_EXISTS', `The folder ${folder} holds ${name}, which stylecast has not written.`, {
    hint: 'Choose another folder with --hls, or add --overwrite.',
  });
}
