import { parentPort } from 'node:worker_threads';
import { serializeError, type WorkerRequest, type WorkerResponse } from './protocol.js';

/** The handler of a worker thread. */
export interface WorkerHandler<Request, Response, Ready = undefined> {
  /** Sent to the client once the handler is open. */
  readonly ready: Ready;
  /** Handles one request; the buffers in `transfer` are transferred with the response. */
  handle(request: Request): Promise<{ readonly response: Response; readonly transfer: ArrayBuffer[] }>;
  close(): Promise<void>;
}

/** Runs a handler on this worker thread: requests of a `WorkerClient` one after the other, until it closes. */
export async function serveWorker<Request, Response, Ready>(
  open: () => Promise<WorkerHandler<Request, Response, Ready>>,
): Promise<void> {
  const port = parentPort!;
  const send = (response: WorkerResponse<Response, Ready>, transfer: ArrayBuffer[] = []) =>
    port.postMessage(response, transfer);
  let handler: WorkerHandler<Request, Response, Ready>;
  try {
    handler = await open();
  } catch (error) {
    send({ kind: 'failed', error: serializeError(error) });
    return;
  }
  const handle = async (message: WorkerRequest<Request> | 'close') => {
    if (message === 'close') {
      port.close();
      await handler.close();
      return;
    }
    try {
      const { response, transfer } = await handler.handle(message.request);
      send({ kind: 'done', id: message.id, response }, transfer);
    } catch (error) {
      send({ kind: 'error', id: message.id, error: serializeError(error) });
    }
  };
  // One after the other: a running session must not be re-entered, nor its buffers touched.
  let turn: Promise<void> = Promise.resolve();
  port.on('message', (message: WorkerRequest<Request> | 'close') => {
    turn = turn.then(() => handle(message));
  });
  send({ kind: 'ready', ready: handler.ready });
}
