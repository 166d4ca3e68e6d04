/** The origin of an action, for the audit log. */
export interface Origin {
  /** The name that the client reports. */
  device: string;
  /** The network address. */
  address: string;
}
