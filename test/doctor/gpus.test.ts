import { expect, test } from 'vitest';
import { listGpus, readDisplays, readNvidiaSmi, readVideoControllers } from '#src/doctor/gpus.js';

test('what nvidia-smi says', () => {
  expect(readNvidiaSmi('NVIDIA H100 80GB HBM3, 550.54.15\nNVIDIA T4, 550.54.15\n')).toEqual([
    { name: 'NVIDIA H100 80GB HBM3', driver: '550.54.15', from: 'nvidia-smi' },
    { name: 'NVIDIA T4', driver: '550.54.15', from: 'nvidia-smi' },
  ]);
  expect(readNvidiaSmi('No devices were found\n')).toEqual([]);
});

test('what Windows says of one GPU and of several', () => {
  const one = { Name: 'AMD Radeon RX 6600', DriverVersion: '31.0.1' };
  const basic = { Name: 'Microsoft Basic Display Adapter', DriverVersion: '10.0' };
  const read = { name: 'AMD Radeon RX 6600', driver: '31.0.1', from: 'Win32_VideoController' };
  expect(readVideoControllers(JSON.stringify(one))).toEqual([read]);
  expect(readVideoControllers(JSON.stringify([basic, one]))).toEqual([read]);
});

test('what macOS says', () => {
  const text = JSON.stringify({ SPDisplaysDataType: [{ _name: 'kHW_AppleM2Item', sppci_model: 'Apple M2' }] });
  expect(readDisplays(text)).toEqual([{ name: 'Apple M2', from: 'system_profiler' }]);
  expect(readDisplays('{}')).toEqual([]);
});

test('a machine is asked without complaint, whatever it has', async () => {
  for (const { name, from } of await listGpus()) {
    expect(name).not.toBe('');
    expect(from).not.toBe('');
  }
});
