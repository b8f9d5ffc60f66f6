import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, cpus, hostname, platform, release } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../model/folders.js';
import type { RealDevice } from '../runtime/devices.js';

/** How a candidate did when devices were measured. */
export interface Figure {
  readonly device: RealDevice;
  /** Sessions that painted at the same time. */
  readonly sessions: number;
  /** In half precision. */
  readonly half?: boolean;
  /** Pictures a second; absent where it was left out. */
  readonly fps?: number;
  /** Why it was left out. */
  readonly reason?: string;
}

/** What was found out about a network of one size on this machine. */
export interface Found {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly figures: readonly Figure[];
}

/** The most that is remembered; the oldest goes first. */
const MOST = 500;
/** A device that failed is tried again after a day: drivers are installed. */
const FAILED_MS = 24 * 60 * 60 * 1000;

const file = () => join(cacheFolder(), 'devices.json');

/** What was found under a key; undefined where nothing is known, or a failure is old. */
export async function recall(key: string): Promise<Found | undefined> {
  const found = (await readAll())[key];
  if (!found) return undefined;
  const failed = found.figures.some(({ reason }) => reason !== undefined);
  return failed && Date.now() - found.at > FAILED_MS ? undefined : found;
}

/** Remembers what was found. A folder that cannot be written to only means that it is measured again. */
export async function remember(key: string, found: Found): Promise<void> {
  const all = Object.entries({ ...(await readAll()), [key]: found });
  const newest = all.sort(([, a], [, b]) => b.at - a.at).slice(0, MOST);
  const part = `${file()}.${randomUUID()}.part`;
  try {
    await mkdir(cacheFolder(), { recursive: true });
    await writeFile(part, `${JSON.stringify(Object.fromEntries(newest))}\n`);
    await rename(part, file());
  } catch {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

async function readAll(): Promise<Record<string, Found>> {
  try {
    const value: unknown = JSON.parse(await readFile(file(), 'utf8'));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, found]) => whole(found)));
  } catch {
    return {};
  }
}

function whole(found: unknown): found is Found {
  const { at, figures } = (found ?? {}) as Partial<Found>;
  return (
    typeof at === 'number' && Array.isArray(figures) && figures.every((figure) => typeof figure?.device === 'string')
  );
}

/** A name for a network and how it is to run, on this machine with what is installed. */
export function keyOf(model: Uint8Array, how: object): string {
  const hash = createHash('sha256')
    .update(model)
    .update(JSON.stringify([machine(), how]));
  return hash.digest('hex').slice(0, 32);
}

/** Environment that decides which drivers are found. */
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
