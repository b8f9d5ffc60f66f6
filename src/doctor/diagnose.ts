import { mkdtemp, rm, stat } from 'node:fs/promises';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { EngineOptions } from '../engine/open.js';
import { checkDevices, type DeviceCheck } from '../engine/select/check-devices.js';
import { testPicture } from '../engine/select/probe-device.js';
import { messageOf, StylecastError } from '../errors.js';
import type { Frame } from '../frame.js';
import { type Camera, listCameras } from '../media/cameras/cameras.js';
import { probe } from '../media/probe/probe.js';
import { findStyle } from '../model/library/find.js';
import { listStyles } from '../model/library/list.js';
import { stylizeVideo } from '../pipeline/stylize/video.js';
import { lossNetworkFile, openLossNetwork } from '../quality/loss-network.js';
import { checkFfmpeg, type FfmpegCheck } from './encoders.js';
import { type Gpu, listGpus } from './gpus.js';

/** Whether something works, and what to do where it does not. */
export interface Check {
  readonly usable: boolean;
  /** Details of what was found. */
  readonly found?: string;
  readonly reason?: string;
  readonly advice?: string;
}

/** Everything that decides what stylecast can do on this machine. */
export interface Diagnosis {
  /** A clip was painted on the CPU, encoded, and read back. */
  readonly mainJob: Check;
  readonly system: {
    readonly platform: string;
    readonly release: string;
    readonly arch: string;
    readonly cpu: string;
    readonly cores: number;
    /** Bytes. */
    readonly memory: number;
    readonly node: string;
  };
  readonly ffmpeg: FfmpegCheck;
  readonly gpus: readonly Gpu[];
  readonly devices: readonly DeviceCheck[];
  readonly cameras: Check & { readonly list: readonly Camera[] };
  readonly presets: readonly (Check & { readonly name: string })[];
  readonly lossNetwork: Check;
}

/** Checks everything by trying it. Takes a few seconds; a device that hangs adds its time limit. */
export async function diagnose(options: Pick<EngineOptions, 'deviceLimit'> = {}): Promise<Diagnosis> {
  const ffmpeg = await checkFfmpeg();
  const presets = await checkPresets();
  const devices = await checkDevices(options.deviceLimit === undefined ? {} : { limitMs: options.deviceLimit * 1000 });
  const [gpus, cameras, lossNetwork] = await Promise.all([listGpus(), checkCameras(), checkLossNetwork()]);
  const usable = presets.find((preset) => preset.usable)?.name;
  const mainJob = await tryMainJob(usable);
  const processors = cpus();
  return {
    mainJob,
    system: {
      platform: platform(),
      release: release(),
      arch: arch(),
      cpu: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memory: totalmem(),
      node: process.versions.node,
    },
    ffmpeg,
    gpus,
    devices,
    cameras,
    presets,
    lossNetwork,
  };
}

const FRAMES = 3;
const SIZE = { width: 64, height: 64 };

/** Paints a few frames on the CPU into an MP4 and counts its frames. */
async function tryMainJob(style: string | undefined): Promise<Check> {
  if (style === undefined) return { usable: false, reason: 'there is no preset', advice: 'Reinstall stylecast.' };
  const folder = await mkdtemp(join(tmpdir(), 'stylecast-doctor-'));
  const output = join(folder, 'check.mp4');
  try {
    const { seconds } = await stylizeVideo({ input: frames(), output, style, device: 'cpu' });
    const { video } = await probe(output);
    const right = video.width === SIZE.width && (video.frames === undefined || video.frames === FRAMES);
    if (!right) return { usable: false, reason: `a clip of ${FRAMES} frames came out with ${video.frames}` };
    return { usable: true, found: `${FRAMES} frames painted with ${style} and encoded in ${seconds.toFixed(1)} s` };
  } catch (error) {
    return failed(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* frames(): AsyncGenerator<Frame> {
  for (let value = 0; value < FRAMES; value++) {
    const data = testPicture(SIZE.width, SIZE.height);
    yield { data, ...SIZE, pts: { value, timeBase: { num: 1, den: 25 } } };
  }
}

async function checkCameras(): Promise<Diagnosis['cameras']> {
  try {
    const list = await listCameras();
    return list.length > 0
      ? { usable: true, found: list.map(({ name, id }) => `${name} (${id})`).join(', '), list }
      : {
          usable: false,
          reason: 'none was found',
          advice: 'A browser can be the camera too: "stylecast live --browser".',
          list,
        };
  } catch (error) {
    return { ...failed(error), list: [] };
  }
}

async function checkPresets(): Promise<Diagnosis['presets']> {
  const { styles, broken } = await listStyles();
  const checked = styles.map(async ({ name, title, tier }) => {
    try {
      await findStyle(name);
      return { name, usable: true, found: `${title}, ${tier}` };
    } catch (error) {
      return { name, ...failed(error) };
    }
  });
  const unusable = broken.map(({ name, problem, hint }) => {
    return { name, usable: false, reason: problem, ...(hint ? { advice: hint } : {}) };
  });
  return [...(await Promise.all(checked)), ...unusable];
}

async function checkLossNetwork(): Promise<Check> {
  const file = lossNetworkFile();
  const advice = 'Run "stylecast loss-network fetch --url <a published vgg19.safetensors>".';
  if (!(await stat(file).catch(() => undefined))) {
    return { usable: false, reason: 'not fetched; training falls back to fixed random filters', advice };
  }
  try {
    await openLossNetwork(file);
    return { usable: true, found: file };
  } catch (error) {
    return { usable: false, reason: messageOf(error), advice };
  }
}

function failed(error: unknown): Check {
  const hint = error instanceof StylecastError ? error.hint : undefined;
  return { usable: false, reason: messageOf(error), ...(hint ? { advice: hint } : {}) };
}
