import { parentPort } from 'node:worker_threads';
import { type Answer, type Request, told } from './protocol.js';

/** What a worker thread does. */
export interface Service<Ask, Reply> {
  /** True when a part of the network runs on the CPU because the device lacks it. */
  readonly mixed?: boolean;
  /** Answers one request; the buffers in `transfer` leave this thread with the reply. */
  answer(ask: Ask): Promise<{ readonly reply: Reply; readonly transfer: ArrayBuffer[] }>;
  close(): Promise<void>;
}

/** Runs a service on this worker thread: requests of a `Hand` one after the other, until it closes. */
export async function serve<Ask, Reply>(open: () => Promise<Service<Ask, Reply>>): Promise<void> {
  const port = parentPort!;
  const say = (answer: Answer<Reply>, transfer: ArrayBuffer[] = []) => port.postMessage(answer, transfer);
  let service: Service<Ask, Reply>;
  try {
    service = await open();
  } catch (error) {
    say({ kind: 'failed', error: told(error) });
    return;
  }
  const handle = async (request: Request<Ask> | 'close') => {
    if (request === 'close') {
      port.close();
      await service.close();
      return;
    }
    try {
      const { reply, transfer } = await service.answer(request.ask);
      say({ kind: 'done', id: request.id, reply }, transfer);
    } catch (error) {
      say({ kind: 'error', id: request.id, error: told(error) });
    }
  };
  // One after the other: a session that runs must not be entered again, nor its buffers touched.
  let turn: Promise<void> = Promise.resolve();
  port.on('message', (request: Request<Ask> | 'close') => {
    turn = turn.then(() => handle(request));
  });
  say({ kind: 'ready', mixed: service.mixed ?? false });
}
