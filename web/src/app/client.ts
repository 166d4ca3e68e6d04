import { Client, fetchExchange, mapExchange } from "@urql/core";

/**
 * The urql client of the app. It holds no cache: what changes while it is shown lives in the stores
 * that follow the event stream, and everything else is asked for when its page opens.
 *
 * @param onSessionLost called when an answer says that there is no session (any more)
 */
export function makeClient(onSessionLost: () => void): Client {
  return new Client({
    url: "/graphql",
    requestPolicy: "network-only",
    preferGetMethod: false,
    fetchOptions: { credentials: "same-origin" },
    exchanges: [
      mapExchange({
        onResult: (result) => {
          if (saysNotAuthenticated(result.data)) onSessionLost();
        },
      }),
      fetchExchange,
    ],
  });
}

/**
 * Whether one of an answer's root fields is a `NotAuthenticatedError`. Every mutation answers so
 * when its session has ended.
 */
export function saysNotAuthenticated(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  return Object.values(data).some(
    (field: unknown) =>
      typeof field === "object" &&
      field !== null &&
      "__typename" in field &&
      field.__typename === "NotAuthenticatedError",
  );
}
