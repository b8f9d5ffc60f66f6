import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OscListener } from '#src/live/server/api/osc.js';
import { readOsc } from '#src/live/server/api/osc-message.js';
import { startServer } from '#src/live/server/server.js';
import { failure } from '../../../fixtures/failure.js';
import { deskOf } from '../../desk.js';
import { afterTest, Stand, serve, until } from '../../stand.js';

/** A text with its zeros, as OSC has it. */
const text = (value: string) => Buffer.concat([Buffer.from(value), Buffer.alloc(4 - (Buffer.byteLength(value) % 4))]);
const int = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const float = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes;
};
const message = (address: string, types = '', ...values: Buffer[]) =>
  Buffer.concat([text(address), text(`,${types}`), ...values]);
const bundle = (...elements: Buffer[]) =>
  Buffer.concat([text('#bundle'), Buffer.alloc(8), ...elements.flatMap((each) => [int(each.length), each])]);

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(() => done()));
  return port;
}

/** A show that takes OSC, and a program that sends it. */
async function osc() {
  const port = await freeUdpPort();
  const { controls } = deskOf(join(mkdtempSync(join(tmpdir(), 'stylecast-osc-')), 'looks.json'));
  const served = await serve({ osc: { port }, controls: () => controls, token: 'righteous' });
  const sender = createSocket('udp4');
  afterTest(() => sender.close());
  return { ...served, port, controls, send: (packet: Buffer) => sender.send(packet, port, '127.0.0.1') };
}

test('settings and looks by their names', async () => {
  const { show, controls, send } = await osc();
  const set = async (packet: Buffer, expected: object) => {
    send(packet);
    await until(() => Object.entries(expected).every(([name, value]) => Reflect.get(show.settings, name) === value));
  };
  await set(message('/stylecast/style', 's', text('wave')), { style: 'wave' });
  await set(message('/stylecast/strength', 'f', float(0.25)), { strength: 0.25 });
  await set(message('/stylecast/mirror', 'T'), { mirror: true });
  // What has switches only as numbers, and cannot say null.
  await set(message('/stylecast/mirror', 'f', float(0)), { mirror: false });
  await set(message('/stylecast/style', 's', text('')), { style: null });
  await set(message('/stylecast/height', 'i', int(480)), { height: 480 });
  await set(
    bundle(message('/stylecast/mask', 's', text('person')), bundle(message('/stylecast/keepColors', 'i', int(1)))),
    { mask: 'person', keepColors: true },
  );
  await controls.looks.save({ name: 'Calm', settings: { strength: 0.5, style: 'wave' } });
  await set(message('/stylecast/look', 's', text('Calm')), { strength: 0.5, style: 'wave', mask: 'person' });
  await set(Buffer.concat([text('/stylecast/style')]), { style: null });
});

test('what is wrong is told, and changes nothing', async () => {
  const port = await freeUdpPort();
  const show = new Stand();
  const before = show.settings;
  const { controls } = deskOf(join(mkdtempSync(join(tmpdir(), 'stylecast-osc-')), 'looks.json'));
  const lines: string[] = [];
  const log = { log: (_: string, line: string) => lines.push(line) };
  const listener = await OscListener.open({ port }, show, () => controls.looks, log);
  const sender = createSocket('udp4');
  afterTest(() => sender.close());
  afterTest(() => listener.close());
  const cases: [Buffer, RegExp][] = [
    [message('/stylecast/strength', 'f', float(8)), /strength is 8; expected a number from 0 to 1/],
    [message('/stylecast/style', 's', text('../../x')), /no style "..\/..\/x"/],
    [message('/stylecast/look', 's', text('none')), /no look "none"/],
    [message('/other/strength', 'f', float(0.5)), /\/other\/strength is no address here/],
    [message('/stylecast/__proto__', 'f', float(0.5)), /no setting "__proto__"/],
    [message('/stylecast/strength', 'b', int(9)), /type "b"/],
    [message('/stylecast/strength', 'f'), /OSC: /],
    [Buffer.from('noise'), /without an end/],
    [bundle(bundle(bundle(bundle(bundle(bundle()))))), /bundles in bundles/],
    [Buffer.concat([text('#bundle'), Buffer.alloc(8), int(2 ** 30)]), /longer than its bundle/],
    [Buffer.alloc(0), /without an end/],
  ];
  for (const [packet, expected] of cases) {
    const told = lines.length;
    sender.send(packet, port, '127.0.0.1');
    await until(() => lines.length > told);
    expect(lines.at(-1)).toMatch(expected);
  }
  expect(show.settings).toBe(before);
});

test('no value is read beyond its packet', () => {
  for (let length = 0; length < 40; length++) {
    const whole = message('/stylecast/strength', 'fs', float(0.5), text('wave'));
    try {
      readOsc(whole.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }
  expect(readOsc(message('/a', 'iTFN', int(-3)))).toEqual([{ address: '/a', values: [-3, true, false, null] }]);
});

test('a port that is taken is told', async () => {
  const { port } = await osc();
  expect(await failure(startServer(new Stand(), { port: 0, osc: { port } }))).toEqual({
    name: 'OptionError',
    code: 'LIVE_PORT_TAKEN',
    message: `UDP port ${port} is taken by another program; OSC cannot be listened for there.`,
    hint: 'Choose another port with --osc.',
  });
});
