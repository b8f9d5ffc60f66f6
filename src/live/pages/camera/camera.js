import { takePictures } from './added.js';
import { connect } from './client.js';
import { Picture } from './draw.js';
import { Gallery } from './gallery.js';
import { find, make, token, wish } from './page.js';

const QUALITY = 0.8;
/** Maximum frame rate. */
const RATE = 30;
/** Longest interval between pictures in milliseconds, on slow connections. */
const SLOWEST = 500;

const video = find('#preview');
const shot = document.createElement('canvas');
let stream;
let feed;
let waking;
let last = 0;
let interval = 1000 / RATE;

/** Errors of `getUserMedia`, and what to do about them. */
const TROUBLES = {
  NotAllowedError: [
    'The camera was not allowed.',
    'Allow it in the browser’s settings for this page, then start again.',
  ],
  NotFoundError: ['There is no camera.', 'Connect one, then start again.'],
  NotReadableError: ['The camera is in use.', 'Close the program that has it, then start again.'],
  OverconstrainedError: ['This camera is gone.', 'Choose another one.'],
};

/** Close codes with which the server refuses this camera, and what to do about them. */
const REFUSALS = {
  4404: [
    'stylecast shows another source now.',
    'Start it with --browser to send this camera, then open this page again.',
  ],
  4409: ['Another camera took over.', 'Start this one again to take the picture back.'],
};

async function start() {
  tell();
  if (!navigator.mediaDevices?.getUserMedia) {
    return tell(
      'Browsers give a camera only to safe pages.',
      'Start stylecast with --tls and open this page with https://, or open it on the computer itself as http://localhost.',
    );
  }
  const height = Number(find('#size').value);
  const chosen = find('#camera').value;
  try {
    stop();
    stream = await navigator.mediaDevices.getUserMedia({
      video: {
        height: { ideal: height },
        width: { ideal: Math.round((height * 16) / 9) },
        frameRate: { ideal: RATE },
        ...(chosen ? { deviceId: { exact: chosen } } : { facingMode: wish.get('facing') ?? 'user' }),
      },
    });
  } catch (error) {
    const [message, hint] = TROUBLES[error.name] ?? [`The camera did not start: ${error.message}`, 'Try another one.'];
    return tell(message, hint);
  }
  const [track] = stream.getVideoTracks();
  track.addEventListener('ended', () => {
    stop();
    tell('The camera was unplugged or taken away.', 'Connect it, then start again.');
  });
  video.srcObject = stream;
  await video.play();
  power(true);
  // A rear camera is not mirrored.
  if (track.getSettings().facingMode === 'environment') mirror(false);
  await listCameras(track);
  feed = connect(location.origin, { role: 'camera', token, onState: showState });
  next();
  stayAwake();
}

function stop() {
  feed?.close();
  feed = undefined;
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  video.srcObject = null;
  waking?.release();
  waking = undefined;
  power(false);
}

/** Calls `capture` for the camera's next frame; a timer does where the browser has no frame callback. */
function next() {
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(capture);
  else setTimeout(capture, 1000 / RATE);
}

async function capture() {
  const from = feed;
  if (!from) return;
  const now = performance.now();
  // Half an interval early is better than a whole one late.
  if (from.state === 'live' && video.videoWidth > 0 && now - last > interval / 2) {
    last = Math.max(last + interval, now - interval / 2);
    const picture = await take(performance.timeOrigin + now);
    // The connection takes at most two at a time: a slow network gets fewer pictures, not later ones.
    const sent = picture !== undefined && from.send(picture);
    interval = Math.min(SLOWEST, Math.max(1000 / RATE, interval * (sent ? 0.95 : 1.3)));
  }
  if (from === feed) next();
}

async function take(capturedAt) {
  const { videoWidth: width, videoHeight: height } = video;
  if (shot.width !== width) shot.width = width;
  if (shot.height !== height) shot.height = height;
  shot.getContext('2d').drawImage(video, 0, 0);
  const blob = await new Promise((done) => shot.toBlob(done, 'image/jpeg', QUALITY));
  return blob ? { image: new Uint8Array(await blob.arrayBuffer()), width, height, capturedAt } : undefined;
}

async function listCameras(current) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
  find('#camera-row').hidden = cameras.length < 2;
  find('#camera').replaceChildren(
    ...cameras.map(({ deviceId, label }, at) => make('option', { value: deviceId }, label || `Camera ${at + 1}`)),
  );
  find('#camera').value = current.getSettings().deviceId ?? '';
}

async function stayAwake() {
  if (!stream || document.hidden) return;
  waking = await navigator.wakeLock?.request('screen').catch(() => undefined);
}

function power(on) {
  document.body.dataset.state = on ? 'on' : 'off';
  find('#power').setAttribute('aria-pressed', String(on));
  find('#power').textContent = on ? 'Stop the camera' : 'Start the camera';
  find('#state').textContent = on ? 'Camera on' : 'Camera off';
}

function showState(state, reason) {
  if (!stream) return;
  document.body.dataset.state = state === 'live' ? 'on' : 'lost';
  find('#state').textContent =
    state === 'live' ? 'Camera on' : state === 'refused' ? 'Not let in' : 'Connection lost, trying again';
  if (state === 'refused') {
    stop();
    const [message, hint] = REFUSALS[reason?.code] ?? [
      reason?.message ?? 'The server did not let this camera in.',
      'Open the camera address that stylecast printed.',
    ];
    tell(message, hint);
  }
}

function mirror(on) {
  find('#mirror').checked = on;
  document.body.classList.toggle('mirrored', on);
}

function tell(message, hint) {
  find('#trouble').hidden = !message;
  find('#trouble-title').textContent = message ?? '';
  find('#trouble-hint').textContent = hint ?? '';
}

find('#power').addEventListener('click', () => (stream ? stop() : start()));
for (const selector of ['#camera', '#size']) find(selector).addEventListener('change', () => stream && start());
find('#mirror').addEventListener('change', ({ target }) => mirror(target.checked));
document.addEventListener('visibilitychange', stayAwake);

const picture = new Picture(find('#picture'));
connect(location.origin, {
  role: 'viewer',
  token,
  onFrame: async (frame) => {
    await picture.draw(frame);
    document.documentElement.style.setProperty('--aspect', String(frame.width / frame.height));
  },
});

/** The paintings, where this page may choose them. */
const gallery = new Gallery(find('#gallery'), {
  choose: (name) => set({ style: name, auto: false }),
  auto: () => set({ auto: true }),
  blend: (name) => set({ second: name }),
});
const control = connect(location.origin, {
  role: 'control',
  token,
  onStyles: (styles) => {
    gallery.fill(styles);
    find('#styles').hidden = styles.length === 0;
  },
  onSettings: (settings) => gallery.show(settings, new Set()),
  onStats: ({ learning }) => gallery.showLearning(learning),
  onState: (state) => {
    if (state === 'refused') find('#styles').hidden = true;
  },
});

async function set(settings) {
  try {
    gallery.show(await control.set(settings), new Set());
    tell();
  } catch ({ message, hint }) {
    tell(message, hint);
  }
}

takePictures({
  added: async ({ name }) => {
    await set({ style: name, auto: false });
    gallery.reveal(name);
  },
  failed: ({ message, hint }) => tell(message, hint),
});
