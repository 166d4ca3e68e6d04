export type LiveStatus = "ONLINE" | "AWAY";

/** Of a person who is there: how, and whether they hide. */
export interface PresenceState {
  status: LiveStatus;
  invisible: boolean;
}

/** A device is away when its person said so, or did nothing with it for a while. */
export function statusOfDevice(device: { saidAway: boolean; idle: boolean }): LiveStatus {
  return device.saidAway || device.idle ? "AWAY" : "ONLINE";
}

/** Online where any of several is online; hidden where any is, for hiding is the safer mistake. */
export function combineDevices(beings: readonly PresenceState[]): PresenceState | null {
  if (beings.length === 0) return null;
  return {
    status: beings.some(({ status }) => status === "ONLINE") ? "ONLINE" : "AWAY",
    invisible: beings.some(({ invisible }) => invisible),
  };
}

/** Whoever hides is shown to others as if they were not there. */
export function isShownToOthers(being: PresenceState | null): being is PresenceState {
  return being !== null && !being.invisible;
}
