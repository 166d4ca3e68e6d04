import type { ConnectionStatus } from "@parley/sdk";

/** What the banner says; undefined says nothing. */
export type BannerState = "offline" | "reconnecting" | undefined;

/** How long a break may last, in milliseconds, before anybody is told of it. */
export const PATIENCE_MS = 1_500;

/**
 * Judges whether a person should hear of the connection's state.
 *
 * @param status the state of the event stream
 * @param online what the browser believes of its network
 * @param brokenForMs for how long the stream has not been live
 */
export function bannerState(
  status: ConnectionStatus,
  online: boolean,
  brokenForMs: number,
): BannerState {
  if (status.state === "live") return undefined;
  if (!online) return "offline";
  return brokenForMs >= PATIENCE_MS ? "reconnecting" : undefined;
}
