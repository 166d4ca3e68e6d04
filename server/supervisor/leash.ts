// Loaded before an instance that a supervisor has started: however the supervisor dies, its channel
// closes and the instance ends, in good order once it serves and at once while it is still starting.
function end(): void {
  process.kill(process.pid, "SIGTERM");
}

if (process.connected) process.once("disconnect", end);
else end();
