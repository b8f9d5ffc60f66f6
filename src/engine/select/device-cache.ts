import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, cpus, hostname, platform, release } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../model/folders.js';
import { writeFileAtomically } from '../../write-file.js';
import type { RealDevice } from '../runtime/devices.js';

/** The measurement of one candidate. */
export interface DeviceMeasurement {
  readonly device: RealDevice;
  /** Number of parallel sessions. */
  readonly sessions: number;
  /** In half precision. */
  readonly half?: boolean;
  /** Pictures per second; absent where it was left out. */
  readonly fps?: number;
  /** Why it was left out. */
  readonly reason?: string;
}

/** Cached measurements of a network at one size on this machine. */
export interface DeviceCacheEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly figures: readonly DeviceMeasurement[];
}

/** Most entries in the cache; the oldest are removed first. */
const MAX_ENTRIES = 500;
/** A failed device is probed again after a day, because drivers get installed. */
const FAILED_MS = 24 * 60 * 60 * 1000;

const file = () => join(cacheFolder(), 'devices.json');

/** Reads an entry; undefined where there is none, or where a failure in it is too old. */
export async function getCached(key: string): Promise<DeviceCacheEntry | undefined> {
  const found = (await readAll())[key];
  if (!found) return undefined;
  const failed = found.figures.some(({ reason }) => reason !== undefined);
  return failed && Date.now() - found.at > FAILED_MS ? undefined : found;
}

/** Stores an entry. Failing to write only means that devices are measured again next time. */
export async function setCached(key: string, found: DeviceCacheEntry): Promise<void> {
  const all = Object.entries({ ...(await readAll()), [key]: found });
  const newest = all.sort(([, a], [, b]) => b.at - a.at).slice(0, MAX_ENTRIES);
  await writeFileAtomically(file(), `${JSON.stringify(Object.fromEntries(newest))}\n`).catch(() => undefined);
}

async function readAll(): Promise<Record<string, DeviceCacheEntry>> {
  try {
    const value: unknown = JSON.parse(await readFile(file(), 'utf8'));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, found]) => isEntry(found)));
  } catch {
    return {};
  }
}

function isEntry(found: unknown): found is DeviceCacheEntry {
  const { at, figures } = (found ?? {}) as Partial<DeviceCacheEntry>;
  return (
    typeof at === 'number' && Array.isArray(figures) && figures.every((figure) => typeof figure?.device === 'string')
  );
}

/** Cache key of a network and its options, on this machine with its installed software. */
export function cacheKey(model: Uint8Array, how: object): string {
  const hash = createHash('sha256')
    .update(model)
    .update(JSON.stringify([machine(), how]));
  return hash.digest('hex').slice(0, 32);
}

/** Environment variables that decide which drivers are found. */
const DRIVERS = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'CUDA_VISIBLE_DEVICES', 'LD_LIBRARY_PATH'] as const;

function machine(): unknown[] {
  const require = createRequire(import.meta.url);
  const own = require('../../../package.json') as { version: string };
  const runtime = require('onnxruntime-node/package.json') as { version: string };
  const software = [own.version, runtime.version, process.versions.node];
  const hardware = [hostname(), platform(), arch(), release(), cpus().length, cpus()[0]?.model, nvidiaDriver()];
  return [...software, ...hardware, ...DRIVERS.map((name) => process.env[name] ?? '')];
}

function nvidiaDriver(): string {
  try {
    return readFileSync('/proc/driver/nvidia/version', 'utf8');
  } catch {
    return '';
  }
}
