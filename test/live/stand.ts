import { connect as connectTcp } from 'node:net';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { PresetError } from '#src/errors.js';
import { type FrameMessage, readFrame } from '#src/live/protocol/wire.js';
import { type LiveServer, type ServerOptions, startServer } from '#src/live/server/server.js';
import { DEFAULT_SETTINGS } from '#src/live/settings/table.js';

import type { LiveFrame, LiveSettings, Show, ShowStats, StyleCard, Thumbnail } from '#src/live/show/types.js';
import type { FrameFeed } from './frames.js';

const SIZE = { width: 64, height: 36 };

/** A show that paints nothing: what the server needs of one. Frames are made one by one, or come from ffmpeg. */
export class Stand implements Show {
  settings: LiveSettings = DEFAULT_SETTINGS;
  newest: LiveFrame | undefined;
  styles: readonly StyleCard[] = [
    { name: 'wave', title: 'Wave', tier: 'lite', thumbnail: '/thumbnails/wave' },
    { name: 'broken', title: 'Broken', tier: undefined, thumbnail: undefined },
  ];
  masks: Show['masks'] = ['none', 'person', 'background', 'cutout'];
  stats: ShowStats = {
    fpsIn: 30,
    fpsOut: 29,
    latency: { wait: 1, paint: 2 },
    dropped: 3,
    device: 'CPU (2 threads)',
    picture: SIZE,
    working: SIZE,
    source: 'live',
    still: false,
    outputs: {},
  };
  readonly fed: { jpeg: Uint8Array; capturedAt: number }[] = [];
  /** Small pictures by style. */
  readonly pictures: Record<string, Thumbnail> = {};
  readonly sourceListeners = new Set<(frame: LiveFrame) => void>();
  private readonly frameListeners = new Set<(frame: LiveFrame) => void>();
  private readonly settingsListeners = new Set<(settings: LiveSettings) => void>();
  private count = 0;

  /** Gives out a frame of one grey. */
  step(over: Partial<LiveFrame> = {}, level = this.count % 256): LiveFrame {
    const { width, height, channels } = { ...SIZE, channels: 3 as const, ...over };
    const data = over.data ?? new Uint8Array(width * height * channels).fill(level);
    const capturedAt = performance.timeOrigin + performance.now();
    const sequence = this.count++;
    return this.give({ data, width, height, channels, sequence, pts: sequence / 25, capturedAt, ...over });
  }

  /** Gives out a frame of the source. */
  source(over: Partial<LiveFrame>): void {
    const { newest } = this;
    for (const listener of this.sourceListeners) listener({ ...newest!, ...over });
  }

  give(frame: LiveFrame): LiveFrame {
    this.newest = frame;
    for (const listener of this.frameListeners) listener(frame);
    return frame;
  }

  /** Gives out what ffmpeg makes, until it is closed. */
  async play(feed: FrameFeed): Promise<void> {
    for (let frame = await feed.next(); frame; frame = await feed.next()) this.give(frame);
  }

  async change(settings: Partial<LiveSettings>): Promise<LiveSettings> {
    if (settings.style === 'broken') {
      throw new PresetError('PRESET_CHECKSUM', 'The model is not the one that was named.', { hint: 'Fetch it again.' });
    }
    this.settings = { ...this.settings, ...settings };
    for (const listener of this.settingsListeners) listener(this.settings);
    return this.settings;
  }

  /** Set where styles change. */
  onStyles?: NonNullable<Show['onStyles']>;

  async thumbnail(name: string): ReturnType<Show['thumbnail']> {
    return this.pictures[name];
  }

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    this.frameListeners.add(listener);
    return () => this.frameListeners.delete(listener);
  }

  onSource(listener: (frame: LiveFrame) => void): () => void {
    this.sourceListeners.add(listener);
    return () => this.sourceListeners.delete(listener);
  }

  onSettings(listener: (settings: LiveSettings) => void): () => void {
    this.settingsListeners.add(listener);
    return () => this.settingsListeners.delete(listener);
  }

  feed(jpeg: Uint8Array, capturedAt: number): void {
    this.fed.push({ jpeg, capturedAt });
  }

  get listeners(): number {
    return this.frameListeners.size + this.settingsListeners.size;
  }
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Does something after the test. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A show and its server on a free port, closed after the test; `lines` is what it logged. */
export async function serve(options: ServerOptions = {}, show = new Stand()) {
  const lines: string[] = [];
  const server = await startServer(show, { port: 0, log: (line) => lines.push(line), ...options });
  afterTest(() => server.close());
  return { show, server, lines };
}

/** A client that does only what it is told. */
export class Raw {
  readonly socket: WebSocket;
  readonly texts: Record<string, unknown>[] = [];
  readonly frames: FrameMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The HTTP status, where the server did not take the WebSocket. */
  readonly refused: Promise<number | undefined>;

  constructor(
    url: string,
    options: { headers?: Record<string, string>; autoPong?: boolean; rejectUnauthorized?: boolean } = {},
  ) {
    this.socket = new WebSocket(url, options);
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data, binary) => {
      if (binary) this.frames.push(readFrame(new Uint8Array(data as Buffer))!);
      else this.texts.push(JSON.parse(String(data)));
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.refused = new Promise((resolve) => {
      this.socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      this.socket.on('open', () => resolve(undefined));
    });
    afterTest(() => this.socket.terminate());
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  ack(sequence: number): void {
    this.say({ type: 'ack', sequence });
  }

  /** Says hello, and waits for the welcome. */
  async greet(hello: Record<string, unknown> = {}): Promise<this> {
    await this.refused;
    this.say({ v: 1, type: 'hello', role: 'viewer', ...hello });
    await until(() => this.texts.length > 0 || this.socket.readyState !== WebSocket.OPEN);
    return this;
  }

  /** Waits for a message of a type. */
  async heard(type: string, test = (_: Record<string, unknown>) => true): Promise<Record<string, unknown>> {
    const find = () => this.texts.find((text) => text.type === type && test(text));
    await until(() => find() !== undefined);
    return find()!;
  }
}

/** The address of a server's WebSocket. */
export function socketOf({ port }: Pick<LiveServer, 'port'>): string {
  return `ws://127.0.0.1:${port}/ws`;
}

/** Waits until something is so; fails when it is not after half a minute. */
export async function until(test: () => boolean, what = String(test)): Promise<void> {
  const end = performance.now() + 30_000;
  while (!test()) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`);
    await pause(5);
  }
}

/** Lets some milliseconds pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Writes bytes to a port and returns everything that comes back until the server hangs up. */
export function tell(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
