import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMIT = { timeout: 10_000, windowsHide: true };

/** A GPU listed by the system. */
export interface Gpu {
  readonly name: string;
  /** Version of its driver, if known. */
  readonly driver?: string;
  /** Source of this information. */
  readonly from: string;
}

/** Names the GPUs of this machine; empty where none is found. */
export async function listGpus(): Promise<Gpu[]> {
  const found = await Promise.all((WAYS[process.platform] ?? []).map((way) => way().catch((): Gpu[] => [])));
  const [first = []] = found.filter((gpus) => gpus.length > 0);
  // The NVIDIA tool describes its GPUs in more detail than the bus, but lists no others.
  const others = found.flat().filter(({ from, name }) => from !== first[0]?.from && !/nvidia/i.test(name));
  return [...first, ...others];
}

const WAYS: { readonly [platform in NodeJS.Platform]?: readonly (() => Promise<Gpu[]>)[] } = {
  linux: [nvidia, pci],
  win32: [
    async () => {
      const command = 'Get-CimInstance Win32_VideoController | Select-Object Name,DriverVersion | ConvertTo-Json';
      const { stdout } = await run('powershell', ['-NoProfile', '-Command', command], LIMIT);
      return readVideoControllers(stdout);
    },
  ],
  darwin: [async () => readDisplays((await run('system_profiler', ['SPDisplaysDataType', '-json'], LIMIT)).stdout)],
};

async function nvidia(): Promise<Gpu[]> {
  const query = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  return readNvidiaSmi((await run('nvidia-smi', query, LIMIT)).stdout);
}

/** Parses the output of `nvidia-smi --query-gpu=name,driver_version --format=csv,noheader`. */
export function readNvidiaSmi(text: string): Gpu[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter(([name, driver]) => name && driver)
    .map(([name, driver]) => ({ name: name!, driver: driver!, from: 'nvidia-smi' }));
}

/** Parses Win32_VideoController as printed by PowerShell: an object, or an array of several. */
export function readVideoControllers(text: string): Gpu[] {
  const value: unknown = JSON.parse(text);
  const all = (Array.isArray(value) ? value : [value]) as { Name?: string; DriverVersion?: string }[];
  return all
    .filter(({ Name }) => Name && !/basic (display|render)|remote display/i.test(Name))
    .map(({ Name, DriverVersion }) => ({
      name: Name!,
      ...(DriverVersion ? { driver: DriverVersion } : {}),
      from: 'Win32_VideoController',
    }));
}

/** Parses the output of `system_profiler SPDisplaysDataType -json`. */
export function readDisplays(text: string): Gpu[] {
  const { SPDisplaysDataType: all = [] } = JSON.parse(text) as { SPDisplaysDataType?: Record<string, string>[] };
  return all.flatMap(({ sppci_model: model, _name: name }) => {
    const known = model ?? name;
    return known ? [{ name: known, from: 'system_profiler' }] : [];
  });
}

/** PCI vendor IDs. */
const MAKERS: Readonly<Record<string, string>> = {
  '0x10de': 'NVIDIA',
  '0x1002': 'AMD',
  '0x8086': 'Intel',
  '0x1af4': 'virtio',
  '0x15ad': 'VMware',
};

/** Reads /sys/class/drm on Linux, which has vendor and device IDs but no names. */
async function pci(): Promise<Gpu[]> {
  const folder = '/sys/class/drm';
  const cards = (await readdir(folder)).filter((name) => /^card\d+$/.test(name));
  return Promise.all(
    cards.map(async (card) => {
      const read = async (file: string) => (await readFile(join(folder, card, 'device', file), 'utf8')).trim();
      const [vendor, device] = await Promise.all([read('vendor'), read('device')]);
      return { name: `${MAKERS[vendor] ?? vendor} ${device}`, from: folder };
    }),
  );
}
