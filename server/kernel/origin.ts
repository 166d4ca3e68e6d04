/** Where an act came from. */
export interface Origin {
  /** What the client calls itself. */
  device: string;
  /** The network address. */
  address: string;
}
