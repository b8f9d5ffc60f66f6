import { EngineError } from '../../errors.js';
import type { StyleSpec } from '../painter/protocol.js';
import { DEVICE_TABLE, type Device, devicesFor, type RealDevice } from '../runtime/devices.js';
import type { SessionSpec } from '../runtime/spec.js';
import { cacheKey, type DeviceCacheEntry, type DeviceMeasurement, getCached, setCached } from './device-cache.js';
import { meanDifference, type ProbeMeasurement, type ProbeOptions, probeDevice, testPicture } from './probe-device.js';

/** A network and its pictures, for which a device is chosen. */
export interface DeviceJob {
  /** The model file and everything else that decides its speed: together the key of the cache. */
  readonly model: Uint8Array;
  readonly how: object;
  /** The spec of a painter on a device, with a number of threads per session. */
  readonly spec: (runs: Pick<SessionSpec, 'engine' | 'provider' | 'half'>, threads: number) => StyleSpec;
  readonly threads: number;
  /** Largest number of sessions on the CPU. */
  readonly maxSessions: number;
  /** Whether half precision is allowed. */
  readonly half: boolean;
  /** Estimated seconds for the whole work on the CPU; infinite if unknown. */
  readonly seconds: number;
}

/** The chosen device of a network. */
export interface Choice {
  readonly device: RealDevice;
  readonly sessions: number;
  /** Half precision, chosen where it is faster and the picture is the same. */
  readonly half: boolean;
  readonly notes: readonly string[];
}

/** Measuring takes a second or two and is not worth it for less work, in seconds. */
const MIN_WORK_SECONDS = 10;
/** CPU splits differ by a third at most: they are measured only for longer work, in seconds. */
const MIN_SPLIT_WORK_SECONDS = 60;
const MEASURE_MS = 250;
/** Largest mean difference from the CPU's picture in levels, in single and half precision. */
const TOLERANCE = { single: 1, half: 2 } as const;

/**
 * Chooses the device for a network. Candidates are probed in separate processes and compared with the CPU on one
 * picture; those that fail are left out with a note, and the fastest of the others is taken. The outcome is cached.
 * Nothing is probed where only the CPU is possible.
 *
 * @throws OptionError `DEVICE_UNKNOWN`; EngineError `ENGINE_DEVICE` when a requested device does not work
 */
export async function chooseDevice(asked: Device, job: DeviceJob, probing: ProbeOptions = {}): Promise<Choice> {
  const candidates = devicesFor(asked);
  const choosing = asked === 'auto' || asked === 'gpu';
  const absent = candidates.flatMap((device): DeviceMeasurement[] => {
    const reason = DEVICE_TABLE[device].absent();
    return reason === undefined ? [] : [{ device, sessions: 1, reason }];
  });
  const there = candidates.filter((device) => !absent.some((figure) => figure.device === device));
  if (there.every((device) => device === 'cpu') && choosing) return chooseCpuSplit(asked, job, absent, probing);
  if (asked === 'cpu') return chooseCpuSplit(asked, job, [], probing);
  if (there.length === 0) throw deviceError(asked, absent);
  if (asked === 'auto' && job.seconds < MIN_WORK_SECONDS) {
    const known = await getCached(keyFor(asked, job));
    return known
      ? pickFastest(asked, job, known)
      : { device: 'cpu', sessions: job.maxSessions, half: false, notes: [] };
  }
  return pickFastest(asked, job, await measureDevices(asked, job, there, probing));
}

const keyFor = (asked: Device, { model, how, threads, maxSessions: most, half }: DeviceJob) =>
  cacheKey(model, { asked, how, threads, most, half });

/** Chooses the CPU where nothing else is possible; with the fastest split, if the work is long enough to measure it. */
async function chooseCpuSplit(
  asked: Device,
  job: DeviceJob,
  absent: readonly DeviceMeasurement[],
  probing: ProbeOptions,
): Promise<Choice> {
  const missing = absent.find(({ device }) => device === 'webgpu')?.reason;
  const notes = asked === 'gpu' ? [cpuWarning(missing ?? reasons(absent), 'webgpu')] : [];
  const usual = { device: 'cpu', sessions: job.maxSessions, half: false, notes } as const;
  const splits = splitsOf(job);
  const long = job.seconds >= MIN_SPLIT_WORK_SECONDS && Number.isFinite(job.seconds);
  if (splits.length < 2 || job.threads < 4 || !long) return usual;
  const key = keyFor('cpu', job);
  const found = (await getCached(key)) ?? { at: Date.now(), figures: [] };
  if (found.figures.length === 0) {
    const figures: DeviceMeasurement[] = [];
    for (const sessions of splits) figures.push((await measureDevice('cpu', job, sessions, undefined, probing)).figure);
    await setCached(key, { at: Date.now(), figures });
    return { ...usual, sessions: fastest(figures)?.sessions ?? job.maxSessions };
  }
  return { ...usual, sessions: fastest(found.figures)?.sessions ?? job.maxSessions };
}

/** Numbers of threads per session to try: 1, 2, 4, … */
function splitsOf({ threads, maxSessions: most }: DeviceJob): number[] {
  const counts = [threads, threads / 2, threads / 4].map(Math.floor).map((count) => Math.min(most, Math.max(1, count)));
  return [...new Set(counts)];
}

/** Returns the cached measurements, or measures now. */
async function measureDevices(
  asked: Device,
  job: DeviceJob,
  there: readonly RealDevice[],
  probing: ProbeOptions,
): Promise<DeviceCacheEntry> {
  const key = keyFor(asked, job);
  const known = await getCached(key);
  if (known) return known;
  const cpu = await measureDevice('cpu', job, asked === 'auto' ? job.maxSessions : 1, undefined, probing);
  // Without the CPU's picture no other can be verified; the reason shows when the network is opened there.
  if (!cpu.measured) {
    const reason = `it cannot be compared with the CPU: ${cpu.figure.reason}`;
    return {
      at: Date.now(),
      figures: there.filter((device) => device !== 'cpu').map((device) => ({ device, sessions: 1, reason })),
    };
  }
  const figures: DeviceMeasurement[] = [];
  for (const device of there) {
    if (device === 'cpu') figures.push(cpu.figure);
    else figures.push((await measureDevice(device, job, 1, cpu.measured.result, probing)).figure);
    const { engine, gpu } = DEVICE_TABLE[device];
    if (job.half && engine === 'onnx' && gpu && figures.at(-1)!.fps !== undefined) {
      const { figure } = await measureDevice(device, job, 1, cpu.measured.result, probing, true);
      // Half precision may fail; single precision remains.
      if (figure.fps !== undefined) figures.push(figure);
    }
    // `tfjs` stands for its first backend that works.
    if (asked === 'tfjs' && figures.at(-1)!.reason === undefined) break;
  }
  const found = { at: Date.now(), figures };
  await setCached(key, found);
  return found;
}

/** Probes one device and compares its picture with the reference, if there is one. */
async function measureDevice(
  device: RealDevice,
  job: DeviceJob,
  sessions: number,
  right: Uint8Array | undefined,
  probing: ProbeOptions,
  half = false,
): Promise<{ figure: DeviceMeasurement; measured?: ProbeMeasurement }> {
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

/** The test picture of a size, cached for all candidates. */
function pictureOf({ width, height }: StyleSpec): Uint8Array {
  if (made?.width !== width || made.height !== height) made = { width, height, data: testPicture(width, height) };
  return made.data;
}

function pickFastest(asked: Device, job: DeviceJob, { figures }: DeviceCacheEntry): Choice {
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
  if (asked !== 'auto' && asked !== 'gpu') throw deviceError(asked, failed);
  const slower = figures.find(({ device, fps }) => device !== 'cpu' && fps !== undefined);
  const why = slower
    ? [`${slower.device} is slower here (${speed(slower)}; the CPU ${best ? speed(best) : ''}): painting on the CPU.`]
    : [cpuWarning(failed[0]?.reason ?? '', gpu?.device ?? 'webgpu')];
  const notes = [...(slower ? left : left.slice(1)), ...why];
  return { device: 'cpu', sessions: best?.sessions ?? job.maxSessions, half: false, notes };
}

/** What to do about a device that does not work. */
export function hintFor(device: RealDevice): string {
  return DEVICE_TABLE[device].advice() ?? 'Use --device auto; "stylecast doctor" says what there is.';
}

const speed = ({ fps = 0 }: DeviceMeasurement) => `${fps < 10 ? fps.toFixed(1) : Math.round(fps)} fps`;

function fastest(figures: readonly DeviceMeasurement[]): DeviceMeasurement | undefined {
  const right = figures.filter(({ fps }) => fps !== undefined);
  return right.sort((a, b) => b.fps! - a.fps!)[0];
}

const reasons = (figures: readonly DeviceMeasurement[]) =>
  figures.map(({ device, reason }) => `${device}: ${reason}`).join('; ');
const oneLine = (text: string) => text.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 200);

/** The warning that the CPU is used instead of a GPU. */
function cpuWarning(reason: string, device: RealDevice): string {
  return `No GPU can be used here, so the CPU paints: ${device}: ${reason}. ${DEVICE_TABLE[device].advice() ?? ''}`.trim();
}

/** The error for a device that was requested by name. */
function deviceError(asked: Device, failed: readonly DeviceMeasurement[]): EngineError {
  const first = failed[0]!;
  const reason = asked === first.device ? first.reason : reasons(failed);
  return new EngineError('ENGINE_DEVICE', `The device ${asked} does not work here: ${reason}.`, {
    hint: hintFor(first.device),
  });
}
