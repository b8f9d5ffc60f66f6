import { promises as fs } from 'node:fs';
import { OptionError } from '../errors.js';
import { exists } from '../media/ffmpeg/path.js';
import { VideoSource } from '../media/files/decode.js';
import type { MediaInfo } from '../media/probe/info.js';
import type { Style } from '../model/style.js';
import { APPEARANCE_SIZE } from '../pipeline/auto/appearance.js';
import { choosesStyle } from '../pipeline/auto/candidates.js';
import { chooseStyles } from '../pipeline/auto/choose.js';
import type { Scene } from '../pipeline/auto/scenes.js';
import { openStyle, workingSize } from '../pipeline/style.js';
import { type JobFiles, jobFolder, VERSION } from './folder.js';
import { firstDifference, identityOf, pictureOptions, styleChecksum } from './job/identity.js';
import { type JobManifest, newJob, type Segment } from './job/manifest.js';
import type { LongVideoOptions } from './options.js';
import { findScenes, isCutBetween, planSegments } from './segments/plan.js';

/** Masks that are found in the picture itself. */
const FOUND = ['person', 'background'];

/** The styles that are named, opened once for all segments. */
export interface JobStyles {
  readonly options: LongVideoOptions;
  readonly checksums: Readonly<Record<string, string>>;
}

/** Opens the styles of a job, and those of its scenes to know them again. */
export async function openStyles(
  options: LongVideoOptions,
  scenes: JobManifest['scenes'],
  note: (text: string) => void,
): Promise<JobStyles> {
  const checksums: Record<string, string> = {};
  const open = async (style: string | Style): Promise<string | Style> => {
    if (choosesStyle(style)) return style;
    const opened = typeof style === 'string' ? await openStyle(style, note, options.signal) : style;
    checksums[opened.name] = styleChecksum(opened);
    return opened;
  };
  for (const { style } of scenes) await open(style);
  const style = await open(options.style);
  const { styleOutside } = options;
  const outside = styleOutside === undefined ? {} : { styleOutside: await open(styleOutside) };
  return { options: { ...options, style, ...outside }, checksums };
}

/** What the files of a job are known by. */
export async function filesOf({ input, mask }: LongVideoOptions): Promise<JobManifest['files']> {
  const given = mask === undefined || FOUND.includes(mask) ? {} : { mask: await identityOf(mask) };
  return { input: await identityOf(input), ...given };
}

/**
 * Plans a job: finds the scenes of the clip, cuts it into segments, and chooses styles where they go by content.
 *
 * @param opened the same options, with the styles that were opened
 * @returns undefined when it was interrupted
 */
export async function planJob(
  options: LongVideoOptions,
  opened: LongVideoOptions,
  info: MediaInfo,
  note: (...notes: readonly string[]) => void,
): Promise<JobManifest | undefined> {
  const { start, duration, signal } = options;
  const part = { ...(start !== undefined && { start }), ...(duration !== undefined && { duration }) };
  const small = new VideoSource(info, { ...part, size: APPEARANCE_SIZE });
  const clip = await findScenes(small, signal);
  const damage = small.end?.damage;
  if (damage) note(`${info.path} is damaged: ${clip.times.length} frames could be read (${damage}).`);
  const chosen = choosesStyle(options.style)
    ? await chooseStyles(options.style, options, () => new VideoSource(info, { ...part, size: APPEARANCE_SIZE }))
    : { scenes: [] as Scene[], notes: [] };
  note(...chosen.notes);
  if (signal?.aborted) return undefined;
  const { checksums } = await openStyles(opened, [...chosen.scenes], (text) => note(text));
  return newJob({
    version: VERSION,
    files: await filesOf(options),
    options: pictureOptions(options),
    styles: checksums,
    device: options.device ?? 'auto',
    scenes: [...chosen.scenes],
    last: clip.times.at(-1)!,
    segments: await planSegments(clip, {
      // Painters of regions do not say where their shots have got to.
      continuing: options.mask === undefined,
      // Cuts were found in small pictures: whether one is a cut in those that are painted is looked at again.
      beginsAnew: (before) => {
        const from = { start: before - info.startTime, size: workingSize(info.video, options) };
        return isCutBetween(new VideoSource(info, { ...from, ...(options.denoise && { denoise: true }) }));
      },
    }),
  });
}

/** @throws OptionError `JOB_CHANGED` when a job was begun with another input, other options or another version */
export async function checkSame(
  job: JobManifest,
  options: LongVideoOptions,
  checksums: JobStyles['checksums'],
): Promise<void> {
  const files = await filesOf(options);
  const changed = Object.keys(files).find((name) => firstDifference(files[name]!, job.files[name] ?? {}));
  const styles = Object.keys(checksums).find((name) => job.styles[name] !== checksums[name]);
  const option = firstDifference(pictureOptions(options), job.options);
  const why =
    (job.version !== VERSION && `stylecast is ${VERSION}, and was ${job.version}`) ||
    option ||
    (changed && `the ${changed} has changed since: ${firstDifference(files[changed]!, job.files[changed] ?? {})}`) ||
    (styles !== undefined && `the style ${styles} has changed since`);
  if (!why) return;
  const folder = jobFolder(options.output);
  throw new OptionError('JOB_CHANGED', `${folder} holds segments that were painted otherwise: ${why}.`, {
    hint: 'Give the same options and the same input to go on, or add --overwrite to begin anew.',
  });
}

/** Segments that count as done: those whose files are there, as long as they were. */
export async function withFilesThere(segments: readonly Segment[], files: JobFiles): Promise<Segment[]> {
  return Promise.all(
    segments.map(async (segment, number) => {
      const next = segments[number + 1];
      const isShot = next?.continues && next.state !== 'done';
      const facts = await fs.stat(files.segment(number)).catch(() => undefined);
      const there = facts?.size === segment.bytes && (!isShot || (await exists(files.shot(number + 1))));
      return segment.state === 'done' && !there ? { ...segment, state: 'waiting' as const, bytes: 0 } : segment;
    }),
  );
}
