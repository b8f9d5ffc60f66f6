import type { ServerResponse } from 'node:http';
import type { LiveStats, Show } from '../../show/types.js';
import type { News } from './news.js';

/** Milliseconds between statistics, which also keep the connection alive. */
const INTERVAL = 1000;
/** Bytes that wait for a reader, at most: who does not read is let go. */
const UNSENT = 2 ** 20;

/** Sends settings, statistics and news to a client as Server-Sent Events, until it disconnects. */
export function streamEvents(response: ServerResponse, show: Show, stats: () => LiveStats, news: News): void {
  const send = (type: string, value: object) => {
    if (response.writableLength > UNSENT) response.destroy();
    else response.write(`event: ${type}\ndata: ${JSON.stringify(value)}\n\n`);
  };
  send('settings', show.settings);
  send('stats', stats());
  const unlisten = show.onSettings((settings) => send('settings', settings));
  const unheard = news.listen(({ type, ...value }) => send(type, value));
  const timer = setInterval(() => send('stats', stats()), INTERVAL);
  // The listener of idle connections must not end it.
  response.socket?.setTimeout(0);
  response.on('close', () => {
    clearInterval(timer);
    unlisten();
    unheard();
  });
}
