import { GraphBuilder, type Value } from '../../graph/builder.js';
import { writeModel } from '../../graph/onnx/write.js';
import type { StyleSpec } from '../painter/protocol.js';
import { DEVICE_TABLE, REAL_DEVICES, type RealDevice } from '../runtime/devices.js';
import { meanDifference, type ProbeMeasurement, type ProbeOptions, probeDevice, testPicture } from './probe-device.js';

/** Whether a device can be used. */
export interface DeviceCheck {
  readonly device: RealDevice;
  /** Its name for users. */
  readonly title: string;
  readonly gpu: boolean;
  readonly usable: boolean;
  /** Why it cannot be used. */
  readonly reason?: string;
  /** What to do about it; absent where nothing helps on this system. */
  readonly advice?: string;
  /** Seconds from the start of a process to its first picture. */
  readonly startSeconds?: number;
  /** True when a part of the network ran on the CPU because the device lacks it. */
  readonly mixed?: boolean;
}

const SIZE = { width: 64, height: 64 };
const TOLERANCE = 1;

/**
 * Tries every device that may be available on a small network, each in its own process, and compares its picture with
 * the CPU's. Nothing is cached.
 */
export async function checkDevices(options: ProbeOptions = {}): Promise<DeviceCheck[]> {
  const model = smallNetwork();
  const picture = testPicture(SIZE.width, SIZE.height);
  const checks: DeviceCheck[] = [];
  let right: Uint8Array | undefined;
  for (const device of REAL_DEVICES) {
    const { engine, provider, title, gpu, absent, advice } = DEVICE_TABLE[device];
    const spec: StyleSpec = { paint: { model, engine, provider, threads: 1 }, compare: false, ...SIZE };
    const missing = absent();
    const answer = missing
      ? { failure: missing }
      : await probeDevice({ spec, sessions: 1, picture, measureMs: 1 }, options);
    const { measured } = answer;
    const reason = measured ? mismatch(measured, right) : answer.failure.replace(/\s+/g, ' ').slice(0, 200);
    if (device === 'cpu') right = measured?.result;
    const help = reason === undefined ? undefined : advice();
    checks.push({
      device,
      title,
      gpu,
      usable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      ...(help === undefined ? {} : { advice: help }),
      ...(measured ? { startSeconds: measured.startSeconds, mixed: measured.mixed } : {}),
    });
  }
  return checks;
}

function mismatch({ result }: ProbeMeasurement, right: Uint8Array | undefined): string | undefined {
  const difference = right ? meanDifference(result, right) : 0;
  return difference < TOLERANCE ? undefined : `its picture differs from the CPU's by ${difference.toFixed(1)} levels`;
}

/** Two convolutions with the usual wrapping: enough to find a device that computes wrongly. */
function smallNetwork(): Uint8Array {
  const graph = new GraphBuilder('check');
  const { width, height } = SIZE;
  const conv = (x: Value, from: number, to: number) => {
    const weights = Array.from({ length: to * from * 9 }, (_, i) => Math.sin(i * 1.7) / (from * 3));
    const padded = graph.op('Pad', [x, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
    return graph.op('Conv', [padded, graph.constant('float32', [to, from, 3, 3], weights)]);
  };
  const frame = graph.op('Cast', [graph.input('frame', 'uint8', [1, height, width, 3])], { to: 1 });
  const hidden = graph.op('Relu', [conv(graph.op('Transpose', [frame], { perm: [0, 3, 1, 2] }), 3, 16)]);
  const shown = graph.op('Add', [conv(hidden, 16, 3), graph.scalar('float32', 128)]);
  const inside = graph.op('Clip', [shown, graph.scalar('float32', 0), graph.scalar('float32', 255)]);
  graph.output('result', graph.op('Cast', [graph.op('Transpose', [inside], { perm: [0, 2, 3, 1] })], { to: 2 }));
  return writeModel(graph.build());
}
