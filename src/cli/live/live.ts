import { Command } from 'commander';
import { StylecastError } from '../../errors.js';
import type { LiveRun, LiveSettings, LiveStats } from '../../live.js';
import { clock, dieOf, interruptible, ProgressReport } from '../report.js';
import { keyboard } from './keyboard.js';
import { keyAction, keyHelp } from './keys.js';
import { heightNote, type LiveCommandOptions, liveOptions, liveOptionsOf } from './options.js';

type Addresses = Pick<LiveRun, 'urls' | 'localUrls' | 'qr'>;

/** Milliseconds after which the addresses are printed although the source is not open yet. */
const WAITING_MS = 2000;

/** `stylecast live`: a camera or a stream in, pages for OBS and streams out. */
export function liveCommand(): Command {
  const command = new Command('live').description('paint a camera or a stream while it runs, for OBS and the web');
  return liveOptions(command)
    .addHelpText('after', `\nKeys while it runs:\n${keyHelp()}`)
    .addHelpText('after', '\nExample:\n  stylecast live --camera 0 --style great-wave')
    .action(run);
}

async function run(options: LiveCommandOptions): Promise<void> {
  const report = new ProgressReport(options);
  const asked = liveOptionsOf(options);
  const renamed = heightNote(options);
  if (renamed) report.note(renamed);
  const stop = interruptible(report, 'stopping: finishing what is open.');
  const { startLive } = await import('../../live.js');
  const browser = asked.source?.kind === 'browser';
  // The addresses are printed when there is something to see; while a source is waited for, or is to come from a page,
  // sooner.
  let announced = false;
  const tell = (server: Addresses) => {
    if (!announced) announce(server, browser, report);
    announced = true;
  };
  let waiting: NodeJS.Timeout | undefined;
  const onServer = (server: Addresses) => {
    if (browser) tell(server);
    else waiting = setTimeout(() => tell(server), WAITING_MS);
  };
  const live = await startLive({ ...asked, signal: stop, onServer, onNote: report.note }).catch((error) => {
    clearTimeout(waiting);
    if (!stop.aborted) throw error;
    process.exitCode = 130;
    endSoon();
    return undefined;
  });
  if (!live) return;
  clearTimeout(waiting);
  tell(live);
  const { show, urls, localUrls } = live;
  report.event('ready', { urls, localUrls, settings: show.settings, styles: show.styles, stats: live.stats() });
  if (process.stdin.isTTY) report.tell('  Press h for the keys, q to quit.');
  show.onStats(() => {
    const stats = live.stats();
    report.event('stats', stats, statusOf(stats, show.settings));
  });
  show.onSettings((settings) => report.event('settings', settings));
  const release = keyboard((sent) => {
    press(live, sent, report).catch((error) => report.note(problem(error)));
  });
  try {
    const result = await live.finished;
    const { frames, seconds, files, failures } = result;
    // Failures were reported when they happened.
    if (failures.length > 0) process.exitCode = 1;
    const kept = files.length > 0 ? `; recorded ${files.join(', ')}` : '';
    report.result(result, `${clock(seconds)}, ${frames} frames${kept}`);
  } finally {
    release();
    if (stop.aborted) endSoon();
  }
}

/** A network that is being opened cannot be stopped: the process ends without it when everything else is finished. */
function endSoon(): void {
  setTimeout(() => dieOf('SIGTERM'), 700).unref();
}

async function press(live: LiveRun, sent: string, report: ProgressReport): Promise<void> {
  const action = keyAction(live.show, sent);
  if (action === 'quit') await live.close();
  // The terminal is raw: it sends no signal of its own.
  else if (action === 'interrupt') process.emit('SIGINT', 'SIGINT');
  else if (action === 'help') report.tell(keyHelp());
  else if (action === 'snapshot') {
    const { saveSnapshot } = await import('../../live.js');
    if (live.show.newest) report.tell(await saveSnapshot(live.show.newest));
  } else if (action) await live.show.change(action);
}

/** The addresses, and a QR code where other machines can open them. */
function announce({ urls, localUrls, qr }: Addresses, browser: boolean, report: ProgressReport): void {
  report.event('pages', { urls, localUrls });
  report.tell(
    [
      `  control  ${urls.control}`,
      `  overlay  ${localUrls.overlay}  (a browser source in OBS)`,
      ...(urls.overlay === localUrls.overlay ? [] : [`           ${urls.overlay}  (on another machine)`]),
      ...(browser ? [`  camera   ${urls.camera}`] : []),
      ...(qr === undefined ? [] : [qr]),
    ].join('\n'),
  );
}

/** The status line. */
function statusOf(stats: LiveStats, { style, second, blend, paused }: LiveSettings): string[] {
  const { fpsOut, latency, picture, working, device, viewers, source, still, outputs } = stats;
  const delay = latency.wait + latency.paint + latency.encode;
  return [
    ...(source === 'live' ? [] : [`source ${source}`]),
    paused ? 'paused' : `${fpsOut.toFixed(1)} fps${still ? ', still' : ''}`,
    `${delay.toFixed(0)} ms`,
    [style ?? 'no style', ...(second !== null && blend > 0 ? [second] : [])].join(' + '),
    `${working.height} of ${picture.height} lines`,
    device,
    `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`,
    // Shortened: the full state was reported when it changed.
    ...Object.entries(outputs).map(
      ([name, { state }]) => `${/^(virtual camera|\w+)/.exec(name)?.[0]} ${state.split(':')[0]}`,
    ),
  ];
}

function problem(error: unknown): string {
  if (!(error instanceof StylecastError)) return String(error);
  return error.hint ? `${error.message} ${error.hint}` : error.message;
}
