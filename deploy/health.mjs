// The container's health check: whether this instance is ready, as seen from inside.
const port = process.env["PORT"] ?? "4000";
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(2_500),
  });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
