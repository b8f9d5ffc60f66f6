import { emitKeypressEvents } from 'node:readline';

/**
 * Calls `press` with the sequence of each key pressed in the terminal; does nothing without a terminal. Returns a
 * function that restores the terminal, which also happens when the process ends.
 */
export function keyboard(press: (sent: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const hear = (_: unknown, { sequence }: { sequence?: string }) => press(sequence ?? '');
  const giveBack = () => {
    stdin.off('keypress', hear);
    stdin.setRawMode(false);
    stdin.pause();
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', hear);
  process.once('exit', giveBack);
  return () => {
    process.off('exit', giveBack);
    giveBack();
  };
}
