import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, TrainError } from '../../errors.js';
import { entriesOf, headerFor, MAX_HEADER_BYTES, type TensorEntry } from '../../losses/networks/safetensors.js';
import { isVggTensor } from '../../losses/networks/vgg.js';
import { lossNetworkFile } from '../../quality/loss-network.js';
import { writeRunFile } from '../../write-file.js';

/** Options of `fetchLossNetwork`. */
export interface FetchOptions {
  /** URL of a safetensors file of VGG-19 on a server that supports range requests. */
  readonly url: string;
  /** Path to write to; default: where training looks for it. */
  readonly file?: string;
  /** SHA-256 that the fetched file must have, in hexadecimal. */
  readonly sha256?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly bytes: number; readonly total: number }) => void;
}

/** What came of it. */
export interface FetchResult {
  /** Where the weights are; undefined when the signal ended it before they were whole. */
  readonly file: string | undefined;
  /** Their SHA-256 in hexadecimal. */
  readonly sha256: string | undefined;
  /** True when the signal ended it early. */
  readonly interrupted: boolean;
}

/**
 * Downloads only the convolutions of VGG-19 that a loss network uses from a published safetensors file, by HTTP
 * range requests. An interrupted download is continued, unless the file has changed.
 *
 * Stopped by its signal, it keeps what it has for a later call.
 *
 * @returns the file and its SHA-256; neither when the signal ended it early.
 * @throws TrainError TRAIN_FETCH when the server cannot be reached or does not support range requests,
 * TRAIN_WEIGHTS when the file is not VGG-19 or its SHA-256 differs.
 */
export async function fetchLossNetwork(options: FetchOptions): Promise<FetchResult> {
  try {
    return { ...(await bring(options)), interrupted: false };
  } catch (error) {
    const { signal } = options;
    if (!signal?.aborted || (error as Error).cause !== signal.reason) throw error;
    return { file: undefined, sha256: undefined, interrupted: true };
  }
}

async function bring(options: FetchOptions): Promise<{ file: string; sha256: string }> {
  const file = options.file ?? lossNetworkFile();
  const part = `${file}.part`;
  const lengthBytes = Buffer.from(await range(options, 0, 8));
  const length = Number(lengthBytes.readBigUInt64LE());
  if (length < 2 || length > MAX_HEADER_BYTES) throw unusable(options.url, 'is not a safetensors file');
  const header = await range(options, 8, 8 + length);
  const entries = entriesOf(header).filter(({ name }) => isVggTensor(name));
  if (entries.length === 0) throw unusable(options.url, 'has no convolutions of VGG-19');
  // The hash of the header identifies the file that a partial download belongs to.
  const mark = createHash('sha256').update(header).digest();
  await mkdir(dirname(file), { recursive: true });
  await download(options, part, mark, runsOf(entries), 8 + length);
  const data = (await readFile(part)).subarray(mark.length);
  const whole = Buffer.concat([headerFor(entries), data]);
  const sha256 = createHash('sha256').update(whole).digest('hex');
  if (options.sha256 !== undefined && options.sha256.toLowerCase() !== sha256) {
    await rm(part, { force: true });
    throw unusable(options.url, `gave weights with SHA-256 ${sha256}; expected ${options.sha256}`);
  }
  await writeRunFile(file, whole);
  await rm(part, { force: true });
  return { file, sha256 };
}

/** A range of consecutive bytes, relative to the end of the header. */
type Run = readonly [start: number, end: number];

/** Merges adjacent tensors into one request. */
function runsOf(entries: readonly TensorEntry[]): Run[] {
  const runs: [number, number][] = [];
  for (const { start, end } of entries) {
    const last = runs.at(-1);
    if (last?.[1] === start) last[1] = end;
    else runs.push([start, end]);
  }
  return runs;
}

/** Appends the missing bytes to the partial file. */
async function download(options: FetchOptions, part: string, mark: Buffer, runs: readonly Run[], base: number) {
  const total = runs.reduce((sum, [start, end]) => sum + end - start, 0);
  const before = await readFile(part).catch(() => undefined);
  const usable = before?.subarray(0, mark.length).equals(mark) && before.length - mark.length <= total;
  const target = await open(part, usable ? 'a' : 'w');
  try {
    if (!usable) await target.write(mark);
    let bytes = (await stat(part)).size - mark.length;
    let skip = bytes;
    for (const [start, end] of runs) {
      const from = Math.min(start + skip, end);
      skip -= from - start;
      if (from === end) continue;
      for await (const chunk of await ask(options, base + from, base + end)) {
        await target.write(chunk);
        bytes += chunk.length;
        options.onProgress?.({ bytes, total });
      }
    }
  } catch (error) {
    throw error instanceof TrainError ? error : unreachable(options.url, messageOf(error), error);
  } finally {
    await target.close();
  }
  const { size } = await stat(part);
  if (size !== mark.length + total)
    throw unreachable(options.url, `it ended after ${size - mark.length} of ${total} bytes`);
}

async function range(options: FetchOptions, start: number, end: number): Promise<Uint8Array> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await ask(options, start, end)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length === end - start) return bytes;
    throw new Error(`it ended after ${bytes.length} of ${end - start} bytes`);
  } catch (error) {
    throw error instanceof TrainError ? error : unreachable(options.url, messageOf(error), error);
  }
}

async function ask({ url, signal }: FetchOptions, start: number, end: number): Promise<AsyncIterable<Uint8Array>> {
  const headers = { Range: `bytes=${start}-${end - 1}`, 'Accept-Encoding': 'identity' };
  const answer = await fetch(url, { headers, ...(signal && { signal }) });
  if (answer.status === 206 && answer.body !== null) return answer.body as unknown as AsyncIterable<Uint8Array>;
  await answer.body?.cancel();
  throw unreachable(url, `it answered ${answer.status} to a range request; expected 206`);
}

function unreachable(url: string, why: string, cause?: unknown): TrainError {
  return new TrainError('TRAIN_FETCH', `could not fetch the loss network from ${url}: ${why}`, {
    hint: 'Try again: what has been fetched is kept. Or download the file yourself and name it with --loss-network.',
    cause,
  });
}

function unusable(url: string, why: string): TrainError {
  return new TrainError('TRAIN_WEIGHTS', `${url} ${why}`, { hint: 'Name another file of VGG-19 weights.' });
}
