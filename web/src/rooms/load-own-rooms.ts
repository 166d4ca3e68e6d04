import type { Client } from "@urql/core";
import type { OwnRoomsQuery } from "../generated/graphql.ts";
import { OWN_ROOM, OWN_ROOMS } from "./documents.ts";
import type { ListedRoom } from "./own-rooms.ts";

export interface OwnRoomsSnapshot {
  rooms: ListedRoom[];
  /** Cursor for the events that the rooms do not include. */
  cursor: string;
}

const PAGE = 100;
/** Limits the list; search finds the other rooms. */
const MAX_PAGES = 20;

/**
 * Loads all of the viewer's rooms, page by page. The cursor is from the first page: events repeat
 * any change made during the load, and the list applies each change once.
 *
 * @returns "ended" if the session has ended, "failed" if a request failed
 */
export async function loadOwnRooms(
  client: Pick<Client, "query">,
): Promise<OwnRoomsSnapshot | "ended" | "failed"> {
  const rooms: ListedRoom[] = [];
  let cursor: string | undefined;
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const response: OwnRoomsQuery | undefined = await fetchPage(client, after);
    if (!response) return "failed";
    const { viewer } = response;
    if (!viewer) return "ended";
    cursor ??= viewer.cursor;
    rooms.push(
      ...viewer.conversations.edges.flatMap(({ node }) => (node.__typename === "Room" ? node : [])),
    );
    const { hasNextPage, endCursor } = viewer.conversations.pageInfo;
    if (!hasNextPage || endCursor === null) break;
    after = endCursor;
  }
  return cursor === undefined ? "failed" : { rooms, cursor };
}

async function fetchPage(
  client: Pick<Client, "query">,
  after: string | null,
): Promise<OwnRoomsQuery | undefined> {
  return (await client.query(OWN_ROOMS, { first: PAGE, after }).toPromise()).data;
}

/** Loads one room for the list; undefined if the request failed or the id is not a room's. */
export async function loadOwnRoom(
  client: Pick<Client, "query">,
  id: string,
): Promise<ListedRoom | undefined> {
  const response = await client.query(OWN_ROOM, { id }).toPromise();
  const node = response.data?.node;
  return node?.__typename === "Room" ? node : undefined;
}
