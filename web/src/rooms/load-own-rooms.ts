import type { Client } from "@urql/core";
import type { OwnRoomsQuery } from "../generated/graphql.ts";
import { OWN_ROOM, OWN_ROOMS } from "./documents.ts";
import type { ListedRoom } from "./own-rooms.ts";

export interface OwnRoomsSnapshot {
  rooms: ListedRoom[];
  /** Events after this place tell what the rooms do not show yet. */
  cursor: string;
}

const PAGE = 100;
/** Nobody looks through more; the rest is found by searching. */
const MOST_PAGES = 20;

/**
 * Gets all rooms of the person, page by page. The cursor is the first page's: what changes while
 * the others come is told again by the events, and the list takes each change once.
 *
 * @returns "ended" when there is no session any more, "failed" when no answer could be had
 */
export async function loadOwnRooms(
  client: Pick<Client, "query">,
): Promise<OwnRoomsSnapshot | "ended" | "failed"> {
  const rooms: ListedRoom[] = [];
  let cursor: string | undefined;
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer: OwnRoomsQuery | undefined = await ask(client, after);
    if (!answer) return "failed";
    const { viewer } = answer;
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

async function ask(
  client: Pick<Client, "query">,
  after: string | null,
): Promise<OwnRoomsQuery | undefined> {
  return (await client.query(OWN_ROOMS, { first: PAGE, after }).toPromise()).data;
}

/** Gets one room as the list shows it; undefined when it could not be had or is no room. */
export async function loadOwnRoom(
  client: Pick<Client, "query">,
  id: string,
): Promise<ListedRoom | undefined> {
  const answer = await client.query(OWN_ROOM, { id }).toPromise();
  const node = answer.data?.node;
  return node?.__typename === "Room" ? node : undefined;
}
