import type { Checkpoint } from '../weights/checkpoint.js';

type History = Checkpoint['history'];

/** Number of history entries considered together: 200 steps. */
const WINDOW = 20;
/** Accuracy above which the discriminator wins, and below which it loses (it only guesses). */
const [WINS, LOSES] = [0.97, 0.53];

/** How the balance between discriminator and style network can fail. */
export type Collapse = 'wins' | 'loses';

const MESSAGES: Readonly<Record<Collapse, string>> = {
  wins: 'the discriminator tells nearly every patch, so that the network learns little from it: lower --content-strength, give photographs that are more like the domain, or a larger --tier',
  loses:
    'the discriminator can no longer tell what is painted: what it could teach is learned, or it is lost; look at the preview, and stop here or begin again with another --seed',
};

/** The collapse, if any, according to the discriminator's accuracy over the last 200 steps. */
export function collapseAt(history: History): Collapse | undefined {
  if (history.length < WINDOW || history.at(-1)!.losses.share === undefined) return undefined;
  const share = history.slice(-WINDOW).reduce((sum, { losses }) => sum + losses.share! / WINDOW, 0);
  if (share >= WINS) return 'wins';
  return share <= LOSES ? 'loses' : undefined;
}

/** A note when a collapse has just begun. */
export function newCollapse(history: History): string | undefined {
  const now = collapseAt(history);
  return now !== undefined && now !== collapseAt(history.slice(0, -1)) ? MESSAGES[now] : undefined;
}

/** All collapses of a training, with the step of detection. */
export function collapses(history: History): string[] {
  return history.flatMap(({ step }, i) => {
    const note = newCollapse(history.slice(0, i + 1));
    return note === undefined ? [] : [`step ${step}: ${note}`];
  });
}
