export type LiveStatus = "ONLINE" | "AWAY";

/** The presence of a connected user: status and invisibility. */
export interface PresenceState {
  status: LiveStatus;
  invisible: boolean;
}

/** A device is away if its user set that status, or was inactive for a while. */
export function statusOfDevice(device: { isSetAway: boolean; idle: boolean }): LiveStatus {
  return device.isSetAway || device.idle ? "AWAY" : "ONLINE";
}

/**
 * Combines devices: online if any is online; invisible if any is, because wrongly hiding is the safer
 * mistake.
 */
export function combineDevices(states: readonly PresenceState[]): PresenceState | null {
  if (states.length === 0) return null;
  return {
    status: states.some(({ status }) => status === "ONLINE") ? "ONLINE" : "AWAY",
    invisible: states.some(({ invisible }) => invisible),
  };
}

/** Invisible users appear to others as disconnected. */
export function isShownToOthers(state: PresenceState | null): state is PresenceState {
  return state !== null && !state.invisible;
}
