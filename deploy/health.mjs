// A container's health check: exit code 0 if the given URL returns success, over http or, if the server
// has a certificate, over https.
import http from "node:http";
import https from "node:https";

const address = new URL(process.argv[2] ?? "http://127.0.0.1:4000/health/ready");

/** Whether the server is ready over this protocol. */
function isReady({ get }, protocol) {
  return new Promise((resolve) => {
    // The request goes to the same container under an address that no certificate covers.
    const options = { timeout: 1_200, rejectUnauthorized: false };
    const request = get(Object.assign(new URL(address), { protocol }), options, (response) => {
      resolve(response.statusCode === 200);
      response.resume();
    });
    request.on("timeout", () => request.destroy(new Error("no response in time")));
    request.on("error", () => resolve(false));
  });
}

process.exitCode = (await isReady(http, "http:")) || (await isReady(https, "https:")) ? 0 : 1;
