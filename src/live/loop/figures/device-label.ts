import { DEVICE_TABLE, type RealDevice } from '../../../engine/runtime/devices.js';

/** Name of the device that computes, for users. */
export function deviceLabel(device: RealDevice | undefined, threads: number): string {
  if (device === undefined) return 'nothing yet';
  if (device === 'cpu') return `CPU (${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  return `${DEVICE_TABLE[device].gpu ? 'GPU' : 'CPU'} (${device})`;
}
