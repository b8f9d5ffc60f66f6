import { EngineError } from '../../errors.js';
import type { WorkerSpec } from '../painter/protocol.js';
import { DEVICE_TABLE, type Device, meant, type RealDevice } from '../runtime/devices.js';
import type { SessionSpec } from '../runtime/spec.js';
import { type Figure, type Found, keyOf, recall, remember } from './device-cache.js';
import { type Measured, meanDifference, type ProbeOptions, probeDevice, testPicture } from './probe-device.js';

/** A network and its pictures, to be run somewhere. */
export interface DeviceJob {
  /** The network as it is in the file, and what besides its size decides its speed: they name what is remembered. */
  readonly model: Uint8Array;
  readonly how: object;
  /** What a painter is opened with on a device, with so many threads a session. */
  readonly spec: (runs: Pick<SessionSpec, 'engine' | 'provider' | 'half'>, threads: number) => WorkerSpec;
  readonly threads: number;
  /** Sessions that may be open on the CPU at the same time. */
  readonly most: number;
  /** Whether half precision may be taken. */
  readonly half: boolean;
  /** Seconds that the whole work is likely to take on the CPU; infinite where nobody knows. */
  readonly seconds: number;
}

/** Where a network is to run. */
export interface Choice {
  readonly device: RealDevice;
  readonly sessions: number;
  /** In half precision, because the device is faster with it and the picture the same. */
  readonly half: boolean;
  readonly notes: readonly string[];
}

/** Measuring takes a second or two: shorter work is done sooner without. */
const WORTH_SECONDS = 10;
/** Splits of the CPU differ by a third at most: they are measured for work that is known to be long. */
const SPLIT_SECONDS = 60;
const MEASURE_MS = 250;
/** Levels by which a right device may differ from the CPU in the mean, in single and in half precision. */
const TOLERANCE = { single: 1, half: 2 } as const;

/**
 * Chooses the device for a network. What may not be there or may not work is tried in processes of their own, compared
 * with the CPU on one picture, and left out with a line that says why; of several the fastest is taken. The outcome is
 * remembered. Where only the CPU can be meant nothing is tried.
 *
 * @throws OptionError `DEVICE_UNKNOWN`; EngineError `ENGINE_DEVICE` when a device that was asked for does not work
 */
export async function chooseDevice(asked: Device, job: DeviceJob, probing: ProbeOptions = {}): Promise<Choice> {
  const candidates = meant(asked);
  const choosing = asked === 'auto' || asked === 'gpu';
  const absent = candidates.flatMap((device): Figure[] => {
    const reason = DEVICE_TABLE[device].absent();
    return reason === undefined ? [] : [{ device, sessions: 1, reason }];
  });
  const there = candidates.filter((device) => !absent.some((figure) => figure.device === device));
  if (there.every((device) => device === 'cpu') && choosing) return onCpu(asked, job, absent, probing);
  if (asked === 'cpu') return onCpu(asked, job, [], probing);
  if (there.length === 0) throw refused(asked, absent);
  if (asked === 'auto' && job.seconds < WORTH_SECONDS) {
    const known = await recall(keyFor(asked, job));
    return known ? chosen(asked, job, known) : { device: 'cpu', sessions: job.most, half: false, notes: [] };
  }
  return chosen(asked, job, await findOut(asked, job, there, probing));
}

const keyFor = (asked: Device, { model, how, threads, most, half }: DeviceJob) =>
  keyOf(model, { asked, how, threads, most, half });

/** The CPU, where nothing else can be: with the best split, if the work is long enough to look for it. */
async function onCpu(asked: Device, job: DeviceJob, absent: readonly Figure[], probing: ProbeOptions): Promise<Choice> {
  const missing = absent.find(({ device }) => device === 'webgpu')?.reason;
  const notes = asked === 'gpu' ? [noGpu(missing ?? reasons(absent), 'webgpu')] : [];
  const usual = { device: 'cpu', sessions: job.most, half: false, notes } as const;
  const splits = splitsOf(job);
  const long = job.seconds >= SPLIT_SECONDS && Number.isFinite(job.seconds);
  if (splits.length < 2 || job.threads < 4 || !long) return usual;
  const key = keyFor('cpu', job);
  const found = (await recall(key)) ?? { at: Date.now(), figures: [] };
  if (found.figures.length === 0) {
    const figures: Figure[] = [];
    for (const sessions of splits) figures.push((await tried('cpu', job, sessions, undefined, probing)).figure);
    await remember(key, { at: Date.now(), figures });
    return { ...usual, sessions: fastest(figures)?.sessions ?? job.most };
  }
  return { ...usual, sessions: fastest(found.figures)?.sessions ?? job.most };
}

/** Ways to share the CPU's threads among sessions: all alone, in pairs, in fours. */
function splitsOf({ threads, most }: DeviceJob): number[] {
  const counts = [threads, threads / 2, threads / 4].map(Math.floor).map((count) => Math.min(most, Math.max(1, count)));
  return [...new Set(counts)];
}

/** What was found before, or is found now. */
async function findOut(
  asked: Device,
  job: DeviceJob,
  there: readonly RealDevice[],
  probing: ProbeOptions,
): Promise<Found> {
  const key = keyFor(asked, job);
  const known = await recall(key);
  if (known) return known;
  const cpu = await tried('cpu', job, asked === 'auto' ? job.most : 1, undefined, probing);
  // Without the CPU's picture no other can be trusted; why it failed shows when the network is opened there.
  if (!cpu.measured) {
    const reason = `it cannot be compared with the CPU: ${cpu.figure.reason}`;
    return {
      at: Date.now(),
      figures: there.filter((device) => device !== 'cpu').map((device) => ({ device, sessions: 1, reason })),
    };
  }
  const figures: Figure[] = [];
  for (const device of there) {
    if (device === 'cpu') figures.push(cpu.figure);
    else figures.push((await tried(device, job, 1, cpu.measured.result, probing)).figure);
    const { engine, gpu } = DEVICE_TABLE[device];
    if (job.half && engine === 'onnx' && gpu && figures.at(-1)!.fps !== undefined) {
      const { figure } = await tried(device, job, 1, cpu.measured.result, probing, true);
      // Not every device can; the one in single precision stays.
      if (figure.fps !== undefined) figures.push(figure);
    }
    // Of the backends of tfjs the first that works is meant.
    if (asked === 'tfjs' && figures.at(-1)!.reason === undefined) break;
  }
  const found = { at: Date.now(), figures };
  await remember(key, found);
  return found;
}

/** Tries one device, and compares its picture with the right one where that is known. */
async function tried(
  device: RealDevice,
  job: DeviceJob,
  sessions: number,
  right: Uint8Array | undefined,
  probing: ProbeOptions,
  half = false,
): Promise<{ figure: Figure; measured?: Measured }> {
  const threads = Math.max(1, Math.floor(job.threads / sessions));
  const { engine, provider } = DEVICE_TABLE[device];
  const spec = job.spec({ engine, provider, half }, threads);
  const picture = pictureOf(spec);
  const { measured, failure } = await probeDevice({ spec, sessions, picture, measureMs: MEASURE_MS }, probing);
  if (!measured) return { figure: { device, sessions, reason: oneLine(failure) } };
  const difference = right ? meanDifference(measured.result, right) : 0;
  if (difference >= TOLERANCE[half ? 'half' : 'single']) {
    const reason = `its picture differs from the CPU's by ${difference.toFixed(1)} levels`;
    return { figure: { device, sessions, reason } };
  }
  return { figure: { device, sessions, fps: measured.fps, ...(half ? { half } : {}) }, measured };
}

let made: { readonly width: number; readonly height: number; readonly data: Uint8Array } | undefined;

/** The test picture of a size, made once for all candidates. */
function pictureOf({ width, height }: WorkerSpec): Uint8Array {
  if (made?.width !== width || made.height !== height) made = { width, height, data: testPicture(width, height) };
  return made.data;
}

function chosen(asked: Device, job: DeviceJob, { figures }: Found): Choice {
  const failed = figures.filter(({ reason }) => reason !== undefined);
  const best = fastest(figures);
  const left = failed.map(({ device, reason }) => `${device} is left out: ${reason}.`);
  const gpu = figures.find(({ device }) => DEVICE_TABLE[device].gpu);
  if (best && best.device !== 'cpu') {
    const cpu = figures.find(({ device }) => device === 'cpu');
    const against = cpu?.fps ? ` (${speed(best)}; the CPU ${speed(cpu)})` : '';
    const { device, sessions, half = false } = best;
    const how = half ? `${device} in half precision` : device;
    return { device, sessions, half, notes: [...left, `Painting on ${how}${against}.`] };
  }
  if (asked !== 'auto' && asked !== 'gpu') throw refused(asked, failed);
  const slower = figures.find(({ device, fps }) => device !== 'cpu' && fps !== undefined);
  const why = slower
    ? [`${slower.device} is slower here (${speed(slower)}; the CPU ${best ? speed(best) : ''}): painting on the CPU.`]
    : [noGpu(failed[0]?.reason ?? '', gpu?.device ?? 'webgpu')];
  const notes = [...(slower ? left : left.slice(1)), ...why];
  return { device: 'cpu', sessions: best?.sessions ?? job.most, half: false, notes };
}

/** What to do about a device that does not work. */
export function hintFor(device: RealDevice): string {
  return DEVICE_TABLE[device].advice() ?? 'Use --device auto; "stylecast doctor" says what there is.';
}

const speed = ({ fps = 0 }: Figure) => `${fps < 10 ? fps.toFixed(1) : Math.round(fps)} fps`;

function fastest(figures: readonly Figure[]): Figure | undefined {
  const right = figures.filter(({ fps }) => fps !== undefined);
  return right.sort((a, b) => b.fps! - a.fps!)[0];
}

const reasons = (figures: readonly Figure[]) => figures.map(({ device, reason }) => `${device}: ${reason}`).join('; ');
const oneLine = (text: string) => text.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 200);

/** The one warning that the CPU does what a GPU should. */
function noGpu(reason: string, device: RealDevice): string {
  return `No GPU can be used here, so the CPU paints: ${device}: ${reason}. ${DEVICE_TABLE[device].advice() ?? ''}`.trim();
}

/** The error for a device that was asked for by name. */
function refused(asked: Device, failed: readonly Figure[]): EngineError {
  const first = failed[0]!;
  const reason = asked === first.device ? first.reason : reasons(failed);
  return new EngineError('ENGINE_DEVICE', `The device ${asked} does not work here: ${reason}.`, {
    hint: hintFor(first.device),
  });
}
