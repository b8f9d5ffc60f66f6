import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MediaError, messageOf } from '../../errors.js';
import { writeFileAtomically } from '../../write-file.js';
import { fileIdentity } from './identity.js';

/** Name of the manifest in the folder of a job. */
const MANIFEST = 'job.json';
/** The format that this version reads and writes. */
const FORMAT = 1;

const count = z.int().min(0);

/** What is written down of a segment. */
export const segment = z.strictObject({
  /** Time stamp of its first frame, in seconds of the source's clock. */
  start: z.number(),
  frames: count.min(1),
  /** Time stamp of the first frame that is read for it; null: the first of all. */
  from: z.number().nullable(),
  /** Frames that are read and painted before its first, and left out: they lead up to it. */
  leadIn: count,
  /** Whether it goes on with the shot of the segment before, and so cannot be painted without that. */
  continues: z.boolean(),
  state: z.enum(['waiting', 'done']),
  /** Length of its file, once it is done. */
  bytes: count,
});

const manifest = z.strictObject({
  format: z.literal(FORMAT),
  /** Version of stylecast. */
  version: z.string(),
  /** What the input and the mask are known by. */
  files: z.record(z.string(), fileIdentity),
  options: z.record(z.string(), z.unknown()),
  /** Checksums of the styles by name. */
  styles: z.record(z.string(), z.string()),
  /** Where all of it is painted: devices differ by a level. */
  device: z.string(),
  /** Styles by scene, where they were chosen by content. */
  scenes: z.array(z.strictObject({ start: z.number(), style: z.string() })),
  /** Time stamp of the last frame. */
  last: z.number(),
  segments: z.array(segment).min(1),
  /** Length of the joined file, once it is there. */
  joined: count,
});

/** A part of the clip that is painted in one go. */
export type Segment = Readonly<z.infer<typeof segment>>;

/** What is known of a job on disk. */
export type JobManifest = Readonly<z.infer<typeof manifest>>;

/** Reads the manifest of a job; undefined where there is none. @throws MediaError `JOB_MANIFEST` where it is none */
export async function readJob(folder: string): Promise<JobManifest | undefined> {
  const path = join(folder, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  });
  if (text === undefined) return undefined;
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Writes the manifest of a job: whoever reads it, also after a crash, finds all of the old or all of the new. */
export async function writeJob(folder: string, job: JobManifest): Promise<void> {
  await writeFileAtomically(join(folder, MANIFEST), `${JSON.stringify(job, undefined, 1)}\n`);
}

/** A manifest of this format. */
export function newJob(job: Omit<JobManifest, 'format' | 'joined'>): JobManifest {
  return { format: FORMAT, ...job, joined: 0 };
}

function unreadable(path: string, cause: unknown): MediaError {
  const why = cause instanceof z.ZodError ? 'it was made by another version, or is damaged' : messageOf(cause);
  return new MediaError('JOB_MANIFEST', `The job ${path} cannot be read: ${why}.`, {
    hint: 'Add --overwrite to begin anew.',
    cause,
  });
}
