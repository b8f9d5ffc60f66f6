// Viewers for bench/live.mjs: take frames and do nothing with them.
// usage: node bench/live-watch.mjs <url> <count>
import { connect } from '../dist/live/protocol/client.js';

const [url, count] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++) connect(url, { onFrame: () => undefined });
