/** Samples a second of all sound on the live line. */
export const SAMPLE_RATE = 48_000;
/** Channels of all sound on the live line. */
export const CHANNELS = 2;
/** Bytes of a sample of all channels: 16 bits each. */
export const SAMPLE_BYTES = 2 * CHANNELS;

/** A piece of sound: signed 16 bits, little-endian, left and right in turn, 48 kHz. Not to be changed. */
export interface Sound {
  /** When its first sample is heard, in seconds since the source began: the time of its frames. */
  readonly pts: number;
  readonly data: Buffer;
}

/** The sound of a source, for any number of listeners. What nobody listens to is gone. */
export class AudioTap {
  private readonly listeners = new Set<(sound: Sound) => void>();

  /** Calls for each piece of sound, in order; there may be gaps. Returns how to stop listening. */
  listen(listener: (sound: Sound) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hands a piece of sound to everyone who listens. */
  push(sound: Sound): void {
    for (const listener of this.listeners) listener(sound);
  }
}
