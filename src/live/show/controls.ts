import type { Look } from './look.js';
import type { StyleCard } from './types.js';

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
  readonly styles: StyleBook;
}

/** The pictures that the user has added as styles; each by its name in the gallery. */
export interface StyleBook {
  /**
   * Adds a picture as a style.
   *
   * @param bytes a JPEG, PNG or WebP
   * @param called what its file is called: its name and title are made of that
   */
  add(bytes: Uint8Array, called: string): Promise<StyleCard>;
  rename(name: string, title: string): Promise<StyleCard>;
  /** Removes one that is not painted with. */
  remove(name: string): Promise<void>;
  /** Begins to learn a style from its picture, in a process of its own. One is learned at a time. */
  learn(name: string): Promise<void>;
  /** Ends learning; gives the style that was being learned. */
  stopLearning(): Promise<string | undefined>;
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
