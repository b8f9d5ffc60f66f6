import type { Look } from './look.js';

/** What can be done with a show beside changing its settings. */
export interface ShowControls {
  /** Saves the newest picture as a PNG into the folder where stylecast was started; gives the file's name. */
  snapshot(): Promise<string>;
  /**
   * Starts a recording in that folder; gives its name among the outputs.
   *
   * @param file the file's name; default: one made of the time
   */
  record(file?: string): Promise<string>;
  /**
   * Starts to write an HLS playlist into a folder of that folder; gives its name among the outputs.
   *
   * @param folder the folder's name; default `stylecast-hls`
   */
  hls(folder?: string): Promise<string>;
  /** Starts to publish; gives its name among the outputs. */
  publish(url: string, kilobits?: number): Promise<string>;
  /** Finishes the outputs of a kind, or the one of a name; gives the names of those that were. */
  stop(kind: 'record' | 'publish' | 'hls', name?: string): Promise<readonly string[]>;
  readonly looks: LookBook;
}

/** Looks that are kept, in their order. */
export interface LookBook {
  list(): Promise<readonly Look[]>;
  /** Keeps a look: in the place of the one of that name, or as the last. */
  save(look: Look): Promise<void>;
  /** Keeps these looks in the place of all others. */
  replace(looks: readonly Look[]): Promise<void>;
  /** Deletes a look; returns whether it was there. */
  remove(name: string): Promise<boolean>;
}
