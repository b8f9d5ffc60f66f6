// Imported first by a process that must not outlive the one that started it, even where that one is killed: the channel
// between them breaks off then.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Listening must not keep the process alive.
process.channel?.unref();
