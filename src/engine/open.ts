import { EngineError, messageOf } from '../errors.js';
import type { Size } from '../frame.js';
import type { Style } from '../model/style.js';
import type { NetworkFacts } from './analysis/inspect.js';
import { cpuPartNotes, Painter } from './painter/painter.js';
import type { LiveStyle, StyleReady, StyleSpec } from './painter/protocol.js';
import { type EngineOptions, prepare } from './prepare.js';
import { DEVICE_TABLE, type RealDevice } from './runtime/devices.js';
import { type Choice, chooseDevice, type DeviceJob, hintFor } from './select/choose.js';

export type { EngineOptions } from './prepare.js';
export type { Device, RealDevice } from './runtime/devices.js';
export { DEVICES } from './runtime/devices.js';

/** A painter, and what the user may want to know of it. */
export interface OpenedPainter {
  readonly painter: Painter;
  readonly facts: NetworkFacts;
  /** Number of tiles that each picture is cut into. */
  readonly tiles: number;
  /** Whether the network's sampling grid follows the camera. */
  readonly steady: boolean;
  /** Where the network runs. */
  readonly device: RealDevice;
  readonly notes: readonly string[];
}

/**
 * Prepares a style for pictures of one size.
 *
 * @throws OptionError `DEVICE_UNKNOWN`; EngineError `ENGINE_NETWORK` when the network cannot run, `ENGINE_INPUT` and
 * `ENGINE_OUTPUT` when it contradicts its manifest, `ENGINE_MEMORY` when it needs more than there is, `ENGINE_DEVICE`
 * when the device does not work, `ENGINE_STATE` when its recurrent state cannot be kept; GraphError when the file is no
 * ONNX model
 */
export async function openPainter(style: Style, picture: Size, options: EngineOptions = {}): Promise<OpenedPainter> {
  const { job, facts, tiles, steady, notes } = await prepare(style, picture, options);
  const asked = options.device ?? 'auto';
  const choice = await chooseDevice(asked, job, probeOptions(options));
  try {
    const painter = await openOn(choice, job);
    return {
      painter,
      facts,
      tiles,
      steady,
      device: choice.device,
      notes: [...notes, ...choice.notes, ...cpuPartNotes(choice.device, painter.mixed)],
    };
  } catch (cause) {
    if (choice.device === 'cpu') throw cause;
    const reason = messageOf(cause).replace(/^The network cannot run: /, '');
    const message = `The device ${choice.device} does not work here: ${reason}`;
    const hint = hintFor(choice.device);
    if (asked !== 'auto' && asked !== 'gpu') throw new EngineError('ENGINE_DEVICE', message, { hint, cause });
    // It worked when it was measured, but the driver may have changed since.
    const device = 'cpu';
    const painter = await openOn({ device, sessions: job.maxSessions, half: false }, job);
    return { painter, facts, tiles, steady, device, notes: [...notes, `${message}. The CPU paints. ${hint}`] };
  }
}

type OnDevice = Omit<Choice, 'notes'>;

const specOn = ({ device, sessions, half }: OnDevice, job: DeviceJob): StyleSpec => {
  const { engine, provider } = DEVICE_TABLE[device];
  return job.spec({ engine, provider, half }, Math.max(1, Math.floor(job.threads / sessions)));
};

const openOn = (choice: OnDevice, job: DeviceJob) => Painter.open(specOn(choice, job), choice.sessions);

/**
 * Prepares a style whose look is an input, and chooses its device, as `openPainter` does.
 *
 * @throws as `openPainter` does
 */
export async function prepareLive({ style, picture, ...options }: LiveStyle): Promise<PreparedLive> {
  const { job } = await prepare(style, picture, { ...options, mode: 'latency' });
  const choice = await chooseDevice(options.device, job);
  const { device, notes } = choice;
  return { spec: specOn(choice, job), chosen: { device, notes } };
}

/** What `prepareLive` has prepared. */
export type PreparedLive = Required<Pick<StyleReady, 'chosen'>> & { readonly spec: StyleSpec };

const probeOptions = ({ deviceLimit }: EngineOptions) =>
  deviceLimit === undefined ? {} : { limitMs: deviceLimit * 1000 };
