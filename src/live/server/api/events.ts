import type { ServerResponse } from 'node:http';
import type { LiveStats, Show } from '../../show/types.js';

/** Milliseconds between figures, which also tell that the line is alive. */
const INTERVAL = 1000;
/** Bytes that wait for a reader, at most: who does not read is let go. */
const UNSENT = 2 ** 20;

/** Tells a client of settings and figures as Server-Sent Events, until it leaves. */
export function streamEvents(response: ServerResponse, show: Show, stats: () => LiveStats): void {
  const send = (type: string, value: object) => {
    if (response.writableLength > UNSENT) response.destroy();
    else response.write(`event: ${type}\ndata: ${JSON.stringify(value)}\n\n`);
  };
  send('settings', show.settings);
  send('stats', stats());
  const unlisten = show.onSettings((settings) => send('settings', settings));
  const timer = setInterval(() => send('stats', stats()), INTERVAL);
  // The listener of idle connections must not end it.
  response.socket?.setTimeout(0);
  response.on('close', () => {
    clearInterval(timer);
    unlisten();
  });
}
