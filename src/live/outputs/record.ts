import { promises as fs } from 'node:fs';
import { extname } from 'node:path';
import { OptionError } from '../../errors.js';
import { endsEditListEarly } from '../../media/ffmpeg/binaries.js';
import { ffmpegError } from '../../media/ffmpeg/failure.js';
import { FfmpegProcess } from '../../media/ffmpeg/process.js';
import { showLastFrame } from '../../media/files/encode/formats/edit-list.js';
import { OutputFile, partialFiles } from '../../media/files/output.js';
import { h264 } from './h264.js';
import type { OutputPlan, PlanContext } from './plan.js';

/** Fragments of two seconds: what a crash leaves can be played up to the last one. */
const FRAGMENTED = ['-movflags', '+frag_keyframe+delay_moov+default_base_moof'];

/** Muxers by extension; `whole`: the file is defragmented at the end. */
const FORMATS: Readonly<Record<string, { readonly muxer: readonly string[]; readonly whole: boolean }>> = {
  '.mp4': { muxer: [...FRAGMENTED, '-f', 'mp4'], whole: true },
  '.m4v': { muxer: [...FRAGMENTED, '-f', 'mp4'], whole: true },
  '.mov': { muxer: [...FRAGMENTED, '-f', 'mov'], whole: true },
  '.mkv': { muxer: ['-f', 'matroska'], whole: false },
};

/** Records into a file, which gets its name only when it is complete. */
export interface RecordSpec {
  readonly kind: 'record';
  /** .mp4, .m4v, .mov or .mkv. */
  readonly path: string;
  /** Replace the file if it is there. */
  readonly overwrite?: boolean;
  /** Files that are being read and must not be replaced. */
  readonly inputs?: readonly string[];
}

/** @throws OptionError `OUTPUT_FORMAT`; errors of `OutputFile.plan` */
export async function planRecord(
  { path, overwrite, inputs = [] }: RecordSpec,
  context: PlanContext,
): Promise<OutputPlan> {
  const format = FORMATS[extname(path).toLowerCase()];
  if (!format) {
    throw new OptionError('OUTPUT_FORMAT', `${path} cannot be recorded; expected ${Object.keys(FORMATS).join(', ')}.`, {
      hint: 'Name it for example show.mp4.',
    });
  }
  const file = await OutputFile.plan(path, inputs, overwrite);
  // A recording is worth keeping however the show ends.
  file.keep();
  const codec = await h264(context);
  return {
    name: `record ${path}`,
    sound: 'source',
    target: `file:${file.partial}`,
    retries: false,
    options: () => [...codec, ...format.muxer],
    remains: () => file.partial,
    async finish(written) {
      if (!written) {
        await fs.rm(file.partial, { force: true });
        return undefined;
      }
      if (format.whole) await defragment(file.partial, context);
      return file.commit();
    },
  };
}

/** Joins the fragments of a recording without re-encoding, with the index in front. */
async function defragment(path: string, { ffmpeg, fps }: PlanContext): Promise<void> {
  const whole = path.replace(/(\.\w+)$/, '.whole$1');
  partialFiles.add(whole);
  const child = new FfmpegProcess(ffmpeg, {
    inputs: [{ source: `file:${path}`, options: [] }],
    output: `file:${whole}`,
    outputOptions: ['-map', '0', '-c', 'copy', '-movflags', '+faststart'],
  });
  const exit = await child.exited;
  if (exit.failure) {
    await fs.rm(whole, { force: true });
    partialFiles.delete(whole);
    throw ffmpegError(exit, `finishing ${path}`);
  }
  if (endsEditListEarly(ffmpeg)) await showLastFrame(whole, 1 / fps);
  await fs.rename(whole, path);
  partialFiles.delete(whole);
}
