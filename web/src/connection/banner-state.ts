import type { ConnectionStatus } from "@parley/sdk";

/** The banner to show; undefined if none. */
export type BannerState = "offline" | "reconnecting" | undefined;

/** How long the connection may be down before the banner appears, in milliseconds. */
export const BANNER_DELAY_MS = 1_500;

/**
 * Decides whether to show the connection's state to the user.
 *
 * @param status the event stream's status
 * @param online the browser's `navigator.onLine`
 * @param brokenForMs how long the stream has not been live, in milliseconds
 */
export function bannerState(
  status: ConnectionStatus,
  online: boolean,
  brokenForMs: number,
): BannerState {
  if (status.state === "live") return undefined;
  if (!online) return "offline";
  return brokenForMs >= BANNER_DELAY_MS ? "reconnecting" : undefined;
}
