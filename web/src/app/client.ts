import { Client, fetchExchange, mapExchange } from "@urql/core";

/**
 * Creates the app's urql client. It has no cache: stores that follow the event stream hold live
 * data, and each page loads all other data when it opens.
 *
 * @param onSessionLost called when a response says that the session has ended
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
          if (hasNotAuthenticatedError(result.data)) onSessionLost();
        },
      }),
      fetchExchange,
    ],
  });
}

/**
 * Whether one of the response's root fields is a `NotAuthenticatedError`. Every mutation returns
 * one after its session ended.
 */
export function hasNotAuthenticatedError(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  return Object.values(data).some(
    (field: unknown) =>
      typeof field === "object" &&
      field !== null &&
      "__typename" in field &&
      field.__typename === "NotAuthenticatedError",
  );
}
