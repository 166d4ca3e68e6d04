// A container's health check: exit code 0 when the address that it is given answers with success.
import { get } from "node:http";

const address = process.argv[2] ?? "http://127.0.0.1:4000/health/ready";
const request = get(address, { timeout: 2_500 }, (answer) => {
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
  answer.resume();
});
request.on("timeout", () => request.destroy(new Error("no answer in time")));
request.on("error", () => (process.exitCode = 1));
