import { networkOf } from '../../model/blend.js';
import { changedSettings, checkMask, checkSettings } from '../settings/settings.js';
import { listen } from '../show/listen.js';
import type { LiveSettings } from '../show/types.js';
import { FADE_MS, stylesOf } from './fades/fade.js';
import { StyleFades } from './fades/style-fades.js';
import type { LoadedStyles } from './loaded-styles.js';
import { PendingChanges } from './pending-changes.js';

/** What is set in a show, what waits to be, and the styles that are loaded for both. */
export class SettingsInForce {
  readonly fades: StyleFades;
  private readonly changes: PendingChanges;
  private readonly listeners = new Set<(settings: LiveSettings) => void>();
  /** What a failing network took away of what was wished for. */
  private withdrawn: Partial<LiveSettings> = {};
  /** Styles to come back to from the source as it is. */
  private left: readonly string[] = [];
  private clearing: NodeJS.Timeout | undefined;

  /**
   * @param masked whether a mask was given
   * @param onFailure called when a style cannot be unloaded or cycled to
   */
  constructor(
    private current: LiveSettings,
    private readonly stage: LoadedStyles,
    private readonly masked: boolean,
    private readonly onFailure: (error: unknown) => void,
  ) {
    checkSettings(current);
    checkMask(current, masked);
    this.fades = new StyleFades(current);
    this.changes = new PendingChanges({
      missing: (wanted) => stylesOf(changedSettings(this.current, wanted)).filter((name) => !stage.has(name)),
      load: (name, signal) => stage.add(name, signal),
      commit: (wanted, lasts) => this.commit(wanted, lasts),
    });
  }

  get now(): LiveSettings {
    return this.current;
  }

  /** The settings to begin with the next time: also the look that a failing network could not give. */
  get settingsToSave(): LiveSettings {
    return { ...this.current, ...this.withdrawn };
  }

  /** Loads the styles that are needed at the beginning. */
  async load(signal: AbortSignal | undefined): Promise<void> {
    for (const name of stylesOf(this.current)) await this.stage.add(name, signal);
  }

  /** Changes settings; the last change wins, field by field. */
  async change(wanted: Partial<LiveSettings>): Promise<LiveSettings> {
    checkSettings(wanted);
    checkMask(wanted, this.masked);
    // A style chosen by hand ends the choosing by content, at once: not only when it is loaded.
    const byHand = wanted.style !== undefined && wanted.auto === undefined && this.current.auto;
    if (byHand) await this.changes.change({ auto: false }, FADE_MS);
    await this.changes.change(wanted, FADE_MS);
    return this.current;
  }

  /**
   * Sends the style on its way to the next one of its network, as soon as it has come to where it was going. To be called
   * once a second.
   *
   * @param names all styles in their order
   */
  drift(names: readonly string[]): void {
    const { drift, style, paused } = this.current;
    const waits = this.changes.wanted.style !== undefined || this.stage.busy;
    if (drift === 0 || style === null || paused || waits || this.fades.fading(performance.now()).inside) return;
    const network = networkOf(style);
    const siblings = names.filter((name) => networkOf(name) === network);
    const next = siblings[(siblings.indexOf(style) + 1) % siblings.length];
    if (network === undefined || next === undefined || next === style) return;
    this.changes.change({ style: next }, drift * 1000).catch(this.onFailure);
  }

  /** Shows the source as it is, as a network has failed; what was set is still wished for. */
  withdraw(): void {
    const { style, second, mask, outside } = this.current;
    const nothing = { style: null, second: null, mask: 'none', outside: null } as const;
    this.commit(nothing, 0, { style, second, mask, outside, ...this.withdrawn });
  }

  /** Called with the settings after each change. Returns how to stop listening. */
  onChange(listener: (settings: LiveSettings) => void): () => void {
    return listen(this.listeners, listener);
  }

  /** Gives up what waits. */
  close(): void {
    this.changes.close();
    clearTimeout(this.clearing);
  }

  /** @param withdrawn what is wished for beside what is in force now */
  private commit(
    wanted: Partial<LiveSettings>,
    lasts: number,
    withdrawn: Partial<LiveSettings> = without(this.withdrawn, wanted),
  ): void {
    const before = this.current;
    this.current = changedSettings(before, wanted);
    this.withdrawn = withdrawn;
    const plain = this.current.style === null;
    // As it is means at once.
    if (this.fades.change(before, this.current, plain ? 0 : lasts)) this.clearLater();
    if (plain && before.style !== null) this.left = stylesOf(before);
    for (const listener of this.listeners) listener(this.current);
  }

  /** Lets go of styles that are not needed any more, once what they were shown in has faded. */
  private clearLater(): void {
    this.clearing ??= setTimeout(() => {
      this.clearing = undefined;
      const { inside, outside } = this.fades.fading(performance.now());
      if (inside || outside) return this.clearLater();
      this.stage.unloadExcept(() => this.needed).catch(this.onFailure);
    }, 2 * FADE_MS).unref();
  }

  /** Styles that are shown, asked for, or to come back to from the source as it is. */
  private get needed(): string[] {
    const asked = stylesOf({ ...this.current, ...this.changes.wanted });
    const kept = this.current.style === null ? this.left : stylesOf(this.current);
    return [...this.fades.names, ...asked, ...kept];
  }
}

/** The settings that others do not name. */
function without(settings: Partial<LiveSettings>, others: Partial<LiveSettings>): Partial<LiveSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !Object.hasOwn(others, name)));
}
