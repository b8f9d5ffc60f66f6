import { z } from 'zod';
import { DEVICES } from '../../engine/open.js';
import { MediaError } from '../../errors.js';
import { ENCODER_PRESETS } from '../../media/files/encode/codecs.js';
import { VIDEO_CODECS } from '../../media/tracks/container.js';
import { VERSION } from '../folder.js';
import { fileIdentity } from '../job/identity.js';
import { segment } from '../job/manifest.js';
import { isInside } from './shared.js';

/** Folder of what workers have painted, inside that of the job. */
export const HANDED = 'handed';

const side = z.int().min(2).max(16_384);
const share = z.number().min(0).max(1);
const weights = z.record(z.string().max(200), z.number());
const count = z.int().min(0);
const seconds = z.number();
/** A file in the shared folder. */
const file = z.string().max(4096).refine(isInside, 'lies outside the shared folder');
/** A mask that is found in the picture, or a file. */
const mask = z.union([z.enum(['person', 'background']), file]);

/** The options that a picture depends on; all others are the worker's own. */
const options = z.strictObject({
  start: seconds.min(0).optional(),
  duration: seconds.min(0).optional(),
  size: z.strictObject({ width: side, height: side }).optional(),
  height: side.optional(),
  denoise: z.boolean().optional(),
  steady: z.boolean().optional(),
  strength: share.optional(),
  strokeScale: z.number().optional(),
  keepColors: z.boolean().optional(),
  blend: weights.optional(),
  fineBlend: weights.optional(),
  truncation: share.optional(),
  vary: share.optional(),
  varySeed: z.number().optional(),
  mask: mask.optional(),
  maskFeather: z.number().optional(),
  compare: z.boolean().optional(),
  memory: z.number().optional(),
  codec: z.enum(VIDEO_CODECS).optional(),
  crf: z.number().optional(),
  encoderPreset: z.enum(ENCODER_PRESETS).optional(),
  pixelFormat: z
    .string()
    .regex(/^[a-z0-9_]+$/i)
    .optional(),
});

const style = z.strictObject({ folder: file, checksum: z.string() });

const task = z.strictObject({
  /** Other versions paint otherwise. */
  version: z.literal(VERSION),
  /** The folder of the job, and the video. */
  folder: file,
  input: file,
  identity: fileIdentity,
  options,
  device: z.enum(DEVICES),
  style: style.optional(),
  styleOutside: style.optional(),
  /** Styles by scene, where they were chosen by content. */
  scenes: z.array(z.strictObject({ start: seconds, style })),
  segment,
  number: count,
  of: count.min(1),
  origin: seconds,
  end: seconds.optional(),
  total: count,
  handOver: count.optional(),
  extension: z.enum(['.mp4', '.mov', '.mkv', '.webm', '.ts']),
});

/** All that a worker is told of a segment. */
export type SegmentTask = Readonly<z.infer<typeof task>>;

const result = z.strictObject({
  /** The segment's file, and where the shot had got to, in the folder `handed` of the job. */
  file: z.string().regex(/^[\w-]+\.\w+$/),
  shot: z
    .string()
    .regex(/^[\w-]+\.shot$/)
    .optional(),
  bytes: count,
  device: z.string(),
  by: z.string(),
});

/** What a worker tells of a segment that it has painted. */
export type SegmentResult = Readonly<z.infer<typeof result>>;

/** @throws MediaError `JOB_TASK` for what is none */
export function parseTask(value: unknown): SegmentTask {
  return parsed(task, value, 'The segment that was handed out');
}

/** @throws MediaError `JOB_TASK` for what is none */
export function parseResult(value: unknown): SegmentResult {
  return parsed(result, value, 'What a worker tells of a segment');
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const where = issue ? ` (${issue.path.join('.')}${issue.path.length > 0 ? ': ' : ''}${issue.message})` : '';
  throw new MediaError('JOB_TASK', `${what} is none of this version${where}.`, {
    hint: 'All machines need the same version of stylecast.',
    cause: error,
  });
}
