import type { Size } from '../../frame.js';
import type { Model } from '../../graph/types.js';
import { GraphSession } from './graph-session.js';

/** A model that is built for each size of picture; keeps one session, for the last size. */
export class SizedSession {
  private session: { readonly size: Size; readonly runs: GraphSession } | undefined;

  constructor(
    private readonly model: (size: Size) => Model,
    private readonly threads: number,
  ) {}

  /** The session for pictures of a size. @throws TrainError TRAIN_SESSION. */
  async sessionFor({ width, height }: Size): Promise<GraphSession> {
    const { size, runs } = this.session ?? {};
    if (runs && size?.width === width && size.height === height) return runs;
    await this.close();
    const opened = await GraphSession.open(this.model({ width, height }), { threads: this.threads });
    this.session = { size: { width, height }, runs: opened };
    return opened;
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session?.runs.close();
    this.session = undefined;
  }
}
