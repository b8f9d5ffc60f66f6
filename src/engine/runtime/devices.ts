import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OptionError } from '../../errors.js';
import type { EngineName } from './spec.js';
import { absentBackend, BACKENDS, type BackendName } from './tfjs/backends.js';

/** A device that networks can run on. */
export type RealDevice = 'cpu' | 'cuda' | 'directml' | 'coreml' | 'webgpu' | `tfjs:${BackendName}`;
/** A device of ONNX Runtime. */
export type OnnxDevice = Exclude<RealDevice, `tfjs:${string}`>;
/** A device that can be requested: `auto` and `gpu` take the fastest, `tfjs` the first of its backends that works. */
export type Device = RealDevice | 'auto' | 'gpu' | 'tfjs';

/** One row of the table of devices. */
export interface DeviceFacts {
  readonly engine: EngineName;
  /** What the engine calls it. */
  readonly provider: string;
  /** Its name for users. */
  readonly title: string;
  readonly gpu: boolean;
  /** Why it is not available, as far as can be determined without trying. */
  readonly absent: () => string | undefined;
  /** What to install or do; undefined where nothing helps on this system. */
  readonly advice: () => string | undefined;
}

const { platform, arch } = process;

/** Folder of ONNX Runtime's libraries. */
function runtimeFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(main), '..', 'bin', 'napi-v6', platform, arch);
}

/** Whether there may be a GPU: on Linux, a device node or a Vulkan driver set in the environment; elsewhere always. */
function mayHaveGpu(): boolean {
  if (platform !== 'linux') return true;
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return true;
  return nvidia() || existsSync('/dev/dxg') || readFolder('/dev/dri').some((name) => name.startsWith('renderD'));
}

const nvidia = () => existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const requires = (wanted: NodeJS.Platform, name: string) => (platform === wanted ? undefined : `it needs ${name}`);

const VULKAN: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'If there is a GPU, install its Vulkan driver: for NVIDIA the driver with its Vulkan library (in containers set NVIDIA_DRIVER_CAPABILITIES=all), for others "apt install mesa-vulkan-drivers".',
  win32: 'Update the graphics driver: it needs Direct3D 12.',
  darwin: 'Update macOS: it needs Metal.',
};

const CUDA = [
  'Install the NVIDIA driver, CUDA 12 and cuDNN 9, then the CUDA libraries of ONNX Runtime:',
  'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js',
].join(' ');

const onnx = {
  cpu: {
    provider: 'cpu',
    title: 'the CPU',
    gpu: false,
    absent: () => undefined,
    advice: () => 'Reinstall onnxruntime-node.',
  },
  cuda: {
    provider: 'cuda',
    title: 'an NVIDIA GPU through CUDA',
    gpu: true,
    absent: () =>
      platform !== 'linux' || arch !== 'x64'
        ? 'it needs Linux on x64'
        : !existsSync(join(runtimeFolder(), 'libonnxruntime_providers_cuda.so'))
          ? "ONNX Runtime's CUDA libraries are not installed"
          : !nvidia()
            ? 'there is no NVIDIA GPU'
            : undefined,
    advice: () => (platform === 'linux' && arch === 'x64' ? CUDA : undefined),
  },
  directml: {
    provider: 'dml',
    title: 'a GPU through DirectML',
    gpu: true,
    absent: () => requires('win32', 'Windows'),
    advice: () => (platform === 'win32' ? 'Update Windows and the graphics driver.' : undefined),
  },
  coreml: {
    provider: 'coreml',
    title: 'the GPU or neural engine through Core ML',
    gpu: true,
    absent: () => requires('darwin', 'macOS'),
    advice: () => (platform === 'darwin' ? 'Update macOS.' : undefined),
  },
  webgpu: {
    provider: 'webgpu',
    title: 'a GPU through WebGPU',
    gpu: true,
    absent: () =>
      platform === 'linux' && arch !== 'x64'
        ? 'ONNX Runtime has it on Linux for x64 only'
        : mayHaveGpu()
          ? undefined
          : 'there is no GPU in /dev/dri, no /dev/nvidiactl and no /dev/dxg',
    advice: () => VULKAN[platform],
  },
} as const;

const TFJS: Readonly<Record<BackendName, Pick<DeviceFacts, 'title' | 'gpu'> & { readonly more?: string }>> = {
  'node-gpu': {
    title: 'an NVIDIA GPU through tfjs-node-gpu',
    gpu: true,
    more: ', with CUDA 11.2, cuDNN 8.1 and Node 22 or older',
  },
  node: { title: 'the CPU through tfjs-node', gpu: false },
  webgpu: { title: 'a GPU through tfjs and WebGPU', gpu: true, more: ', in a Node that has navigator.gpu' },
  wasm: { title: 'the CPU through tfjs and WebAssembly', gpu: false },
  cpu: { title: 'the CPU through tfjs in JavaScript', gpu: false },
};

function tfjsRow(name: BackendName): DeviceFacts {
  const { title, gpu, more = '' } = TFJS[name];
  const packages = BACKENDS[name].packages;
  return {
    engine: 'tfjs',
    provider: name,
    title,
    gpu,
    absent: () => absentBackend(name),
    advice: () => `Run "npm install ${packages.map((pack) => `${pack}@4.22.0`).join(' ')}"${more}.`,
  };
}

/** Every device that networks can run on. */
export const DEVICE_TABLE = {
  ...mapped(onnx, (row): DeviceFacts => ({ engine: 'onnx', ...row })),
  ...Object.fromEntries((Object.keys(BACKENDS) as BackendName[]).map((name) => [`tfjs:${name}`, tfjsRow(name)])),
} as Readonly<Record<RealDevice, DeviceFacts>>;

function mapped<K extends string, A, B>(table: Readonly<Record<K, A>>, f: (row: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(table).map(([key, row]) => [key, f(row)])) as Record<K, B>;
}

/** Every device by name. */
export const REAL_DEVICES = Object.keys(DEVICE_TABLE) as RealDevice[];
/** The devices of ONNX Runtime by name: those that can train as well. */
export const ONNX_DEVICES = REAL_DEVICES.filter((name): name is OnnxDevice => DEVICE_TABLE[name].engine === 'onnx');
/** All devices that can be requested. */
export const DEVICES: readonly Device[] = [
  'auto',
  'cpu',
  'gpu',
  ...ONNX_DEVICES.slice(1),
  'tfjs',
  ...REAL_DEVICES.slice(ONNX_DEVICES.length),
];

/**
 * The devices that a request stands for, preferred ones first.
 *
 * @throws OptionError `DEVICE_UNKNOWN`
 */
export function devicesFor(asked: Device): readonly RealDevice[] {
  const gpus = REAL_DEVICES.filter((name) => DEVICE_TABLE[name].gpu);
  if (asked === 'auto') return [...gpus, 'cpu'];
  if (asked === 'gpu') return gpus;
  if (asked === 'tfjs') return REAL_DEVICES.filter((name) => name.startsWith('tfjs:'));
  if (asked in DEVICE_TABLE) return [asked];
  throw new OptionError('DEVICE_UNKNOWN', `There is no device "${asked}"; expected ${DEVICES.join(', ')}.`, {
    hint: 'Use --device auto.',
  });
}
