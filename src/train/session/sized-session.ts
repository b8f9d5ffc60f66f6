import type { Size } from '../../frame.js';
import type { Model } from '../../graph/types.js';
import { Session } from './session.js';

/** A model that is built anew for each size of picture. Keeps one session, for the size last asked for. */
export class SizedSession {
  private session: { readonly size: Size; readonly runs: Session } | undefined;

  constructor(
    private readonly model: (size: Size) => Model,
    private readonly threads: number,
  ) {}

  /** The session for pictures of a size. @throws TrainError TRAIN_SESSION. */
  async of({ width, height }: Size): Promise<Session> {
    const { size, runs } = this.session ?? {};
    if (runs && size?.width === width && size.height === height) return runs;
    await this.close();
    const opened = await Session.open(this.model({ width, height }), { threads: this.threads });
    this.session = { size: { width, height }, runs: opened };
    return opened;
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session?.runs.close();
    this.session = undefined;
  }
}
