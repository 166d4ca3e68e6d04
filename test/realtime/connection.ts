/** A connection as returned by the API. */
export interface Connection<T> {
  edges: { node: T }[];
}

/** Returns the items of a connection. */
export function nodes<T>(connection: Connection<T>): T[] {
  return connection.edges.map(({ node }) => node);
}
