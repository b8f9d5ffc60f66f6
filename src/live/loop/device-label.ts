import { DEVICE_TABLE, type RealDevice } from '../../engine/runtime/devices.js';

/** What computes, as a user would say it. */
export function deviceLabel(device: RealDevice | undefined, threads: number): string {
  if (device === undefined) return 'nothing yet';
  if (device === 'cpu') return `CPU (${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  return `${DEVICE_TABLE[device].gpu ? 'GPU' : 'CPU'} (${device})`;
}
