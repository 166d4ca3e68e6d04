// Loaded before an instance of a supervisor. If the supervisor dies in any way, its channel closes and
// the instance ends: gracefully once it serves, immediately during its start.
function end(): void {
  process.kill(process.pid, "SIGTERM");
}

if (process.connected) process.once("disconnect", end);
else end();
