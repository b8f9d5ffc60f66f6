/** Samples a second of live sound. */
export const SAMPLE_RATE = 48_000;
/** Channels of live sound. */
export const CHANNELS = 2;
/** Bytes of a sample of all channels: 16 bits each. */
export const SAMPLE_BYTES = 2 * CHANNELS;

/**
 * A block of sound: 48 kHz stereo, interleaved, signed 16-bit little-endian. Listeners share it and must not change it.
 */
export interface Sound {
  /** Presentation time of its first sample in seconds since the source began, on the clock of the frames. */
  readonly pts: number;
  readonly data: Buffer;
}

/** Distributes the sound of a source to any number of listeners; without listeners it is discarded. */
export class AudioTap {
  private readonly listeners = new Set<(sound: Sound) => void>();

  /** Calls the listener with each block of sound, in order; there may be gaps. Returns a function that stops it. */
  listen(listener: (sound: Sound) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Passes a block of sound to all listeners. */
  push(sound: Sound): void {
    for (const listener of this.listeners) listener(sound);
  }
}
