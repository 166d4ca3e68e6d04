import { existsSync } from "node:fs";
import sirv from "sirv";

const ONE_YEAR_SECONDS = 31_536_000;

/** Serves the files of the web app below `directory`. Null if the app is not installed. */
export function makeWebApp(directory: string): ReturnType<typeof sirv> | null {
  if (!existsSync(directory)) return null;
  return sirv(directory, {
    single: true,
    // Requests for these paths do not expect a page of the app and might take it for a valid
    // response.
    ignores: [/\/\./, /^\/health/],
    etag: true,
    // Vite puts a hash of the content into the file names below assets/.
    setHeaders: (response, path) => {
      const forever = path.startsWith("/assets/");
      response.setHeader(
        "Cache-Control",
        forever ? `public, max-age=${String(ONE_YEAR_SECONDS)}, immutable` : "no-cache",
      );
    },
  });
}
