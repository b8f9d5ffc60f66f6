import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { headerFor, readSafetensors } from '#src/losses/networks/safetensors.js';
import { vgg19 } from '#src/losses/networks/vgg.js';
import { fetchLossNetwork } from '#src/train/data/fetch-loss-network.js';

// A published file: the first three convolutions in torchvision's names, with tensors between them that nobody wants.
const parts: [name: string, shape: number[]][] = [
  ['features.0.weight', [64, 3, 3, 3]],
  ['features.0.bias', [64]],
  ['classifier.0.weight', [500, 100]],
  ['features.2.weight', [64, 64, 3, 3]],
  ['features.2.bias', [64]],
  ['features.5.weight', [8, 64, 3, 3]],
  ['features.5.bias', [8]],
  ['features.34.bias', [512]],
];
const size = (shape: number[]) => shape.reduce((a, b) => a * b) * 4;
const entries = parts.map(([name, shape], i) => {
  const start = parts.slice(0, i).reduce((sum, [, before]) => sum + size(before), 0);
  return { name, dtype: 'F32', shape, start, end: start + size(shape) };
});
const data = Buffer.from(Float32Array.from({ length: entries.at(-1)!.end / 4 }, (_, i) => Math.sin(i)).buffer);
const published = Buffer.concat([headerFor(entries), data]);
const wanted = entries.filter(({ name }) => /features\.[025]\./.test(name));
const total = wanted.reduce((sum, { start, end }) => sum + end - start, 0);
const expected = Buffer.concat([headerFor(wanted), ...wanted.map(({ start, end }) => data.subarray(start, end))]);
const sha256 = createHash('sha256').update(expected).digest('hex');

let server: Server;
let url: string;
let folder: string;
let file: string;
let content: Buffer = published;
/** Bytes that the server sends before it breaks the connection. */
let budget = Number.POSITIVE_INFINITY;
let ranges = true;
let asked: [number, number][] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const match = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
    if (!match || !ranges) return void response.writeHead(200).end(content);
    const [start, end] = [Number(match[1]), Number(match[2]) + 1];
    asked.push([start, end]);
    const bytes = content.subarray(start, end);
    response.writeHead(206, { 'Content-Length': bytes.length });
    if (bytes.length <= budget) {
      budget -= bytes.length;
      return void response.end(bytes);
    }
    response.write(bytes.subarray(0, budget), () => setTimeout(() => response.destroy(), 50));
    budget = 0;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vgg19.safetensors`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stylecast-fetch-'));
  file = join(folder, 'deep', 'vgg19.safetensors');
  [content, budget, ranges, asked] = [published, Number.POSITIVE_INFINITY, true, []];
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('fetchLossNetwork', () => {
  it('brings the convolutions and nothing else', async () => {
    const progress: number[] = [];
    const result = await fetchLossNetwork({ url, file, sha256, onProgress: ({ bytes }) => progress.push(bytes) });
    expect(result).toEqual({ file, sha256, interrupted: false });
    expect(readFileSync(file).equals(expected)).toBe(true);
    expect(vgg19(readSafetensors(readFileSync(file))).layers).toEqual(['relu1_1', 'relu1_2', 'relu2_1']);
    expect(progress.at(-1)).toBe(total);
    // Two requests for the header, and one each for what lies before and behind the classifier.
    expect(asked).toHaveLength(4);
    expect(asked.reduce((sum, [start, end]) => sum + end - start, 0)).toBe(total + published.length - data.length);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  it('goes on after a break where it was', async () => {
    budget = published.length - data.length + 100_000;
    await expect(fetchLossNetwork({ url, file })).rejects.toMatchObject({
      code: 'TRAIN_FETCH',
      message: expect.stringContaining(`could not fetch the loss network from ${url}: `),
    });
    expect(existsSync(file)).toBe(false);
    const kept = readFileSync(`${file}.part`).length - 32;
    expect(kept).toBeGreaterThan(50_000);
    [budget, asked] = [Number.POSITIVE_INFINITY, []];
    await fetchLossNetwork({ url, file, sha256 });
    expect(readFileSync(file).equals(expected)).toBe(true);
    expect(asked.slice(2).reduce((sum, [start, end]) => sum + end - start, 0)).toBe(total - kept);
  });

  it('stops when told, and keeps what it has', async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const result = await fetchLossNetwork({ url, file, signal: stop.signal, onProgress });
    expect(result).toEqual({ file: undefined, sha256: undefined, interrupted: true });
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(`${file}.part`).length).toBeGreaterThan(32);
  });

  it('begins again when the file has changed meanwhile', async () => {
    budget = published.length - data.length + 100_000;
    await expect(fetchLossNetwork({ url, file })).rejects.toThrow();
    const other = entries.map((entry) => ({ ...entry, name: entry.name.replace('classifier', 'head') }));
    [content, budget] = [Buffer.concat([headerFor(other), data.map((byte) => byte ^ 1)]), Number.POSITIVE_INFINITY];
    await fetchLossNetwork({ url, file });
    const tensors = readSafetensors(readFileSync(file));
    const first = Buffer.from(tensors.get('features.0.weight')!.data.buffer);
    expect(first.equals(Buffer.from(data.subarray(0, first.length).map((byte) => byte ^ 1)))).toBe(true);
  });

  it('refuses other weights than those expected', async () => {
    const message = `${url} gave weights with SHA-256 ${sha256}; expected 00`;
    await expect(fetchLossNetwork({ url, file, sha256: '00' })).rejects.toMatchObject({
      code: 'TRAIN_WEIGHTS',
      message,
    });
    expect(existsSync(file)).toBe(false);
  });

  it('says so when the server knows no ranges, or the file is another', async () => {
    ranges = false;
    await expect(fetchLossNetwork({ url, file })).rejects.toMatchObject({
      code: 'TRAIN_FETCH',
      message: `could not fetch the loss network from ${url}: it answered 200 to a range request; expected 206`,
    });
    [ranges, content] = [true, Buffer.alloc(5000, 255)];
    await expect(fetchLossNetwork({ url, file })).rejects.toMatchObject({
      code: 'TRAIN_WEIGHTS',
      message: `${url} is not a safetensors file`,
    });
    content = headerFor([{ name: 'head.weight', dtype: 'F32', shape: [0], start: 0, end: 0 }]);
    await expect(fetchLossNetwork({ url, file })).rejects.toMatchObject({
      code: 'TRAIN_WEIGHTS',
      message: `${url} has no convolutions of VGG-19`,
    });
  });
});
