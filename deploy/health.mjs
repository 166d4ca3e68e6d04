// A container's health check: exit code 0 when the address that it is given answers with success,
// by http or, where the server has a certificate of its own, by https.
import http from "node:http";
import https from "node:https";

const address = new URL(process.argv[2] ?? "http://127.0.0.1:4000/health/ready");

/** Whether it answers by this protocol. */
function answers({ get }, protocol) {
  return new Promise((resolve) => {
    // It asks its own container, by an address that no certificate is for.
    const options = { timeout: 1_200, rejectUnauthorized: false };
    const request = get(Object.assign(new URL(address), { protocol }), options, (answer) => {
      resolve(answer.statusCode === 200);
      answer.resume();
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", () => resolve(false));
  });
}

process.exitCode = (await answers(http, "http:")) || (await answers(https, "https:")) ? 0 : 1;
