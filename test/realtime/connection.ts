/** A list as it is sent. */
export interface Connection<T> {
  edges: { node: T }[];
}

/** The items of a list. */
export function nodes<T>(connection: Connection<T>): T[] {
  return connection.edges.map(({ node }) => node);
}
