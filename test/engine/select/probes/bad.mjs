// A probe whose CPU is right and whose other devices are not: `PROBE_FAULT` says how.
import { GraphBuilder } from '#src/graph/builder.js';
import { writeModel } from '#src/graph/onnx/write.js';

/** A network that makes NaN of every picture. */
function nan({ width, height }) {
  const graph = new GraphBuilder('nan');
  const frame = graph.op('Cast', [graph.input('frame', 'uint8', [1, height, width, 3])], { to: 1 });
  const zero = graph.op('Mul', [frame, graph.scalar('float32', 0)]);
  graph.output('result', graph.op('Cast', [graph.op('Div', [zero, zero])], { to: 2 }));
  return writeModel(graph.build());
}

const onCpu = ({ spec, ...job }, model) => ({
  ...job,
  spec: { ...spec, paint: { ...spec.paint, engine: 'onnx', provider: 'cpu', ...(model ? { model } : {}) } },
});

/** A device that is much faster in half precision. */
function quickInHalf(job) {
  const send = process.send.bind(process);
  const fps = job.spec.paint.half ? 1e6 : 1e5;
  process.send = ({ measured }) => send({ measured: { ...measured, fps } });
  return onCpu(job);
}

const refuse = () => void process.send({ failure: 'the driver is not amused' });

const FAULTS = {
  none: (job) => (job.spec.paint.half ? refuse() : onCpu(job)),
  half: quickInHalf,
  nan: (job) => onCpu(job, nan(job.spec)),
  crash: () => process.abort(),
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('the driver is not amused');
  },
  refuse,
  hang: () => {
    for (;;);
  },
};

process.once('message', async (job) => {
  if (job.spec.paint.provider !== 'cpu') job = FAULTS[process.env.PROBE_FAULT](job);
  if (!job) return;
  await import('#src/engine/workers/probe-child.js');
  process.emit('message', job);
});
