/**
 * Calls `press` for each key pressed in the terminal; does nothing where there is none. Returns how to give the
 * terminal back, which also happens when the process ends.
 */
export function keyboard(press: (sent: string) => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const hear = (data: Buffer) => {
    const sent = data.toString();
    // Arrows and the like come as one escape sequence.
    for (const key of sent.startsWith('\u001b') ? [sent] : sent) press(key);
  };
  const giveBack = () => {
    stdin.off('data', hear);
    stdin.setRawMode(false);
    stdin.pause();
  };
  stdin.setRawMode(true);
  stdin.on('data', hear);
  process.once('exit', giveBack);
  return () => {
    process.off('exit', giveBack);
    giveBack();
  };
}
