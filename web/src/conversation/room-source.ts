import type { Client } from "@urql/core";
import { describeError } from "../app/describe-error.ts";
import type { MessageFieldsFragment, RoomQuery } from "../generated/graphql.ts";
import { OLDER_MESSAGES, ROOM } from "./documents.ts";

export type StoredMessage = MessageFieldsFragment;

/** A room's fields, without its messages. */
export type RoomInfo = Omit<NonNullable<RoomQuery["room"]>, "messages" | "__typename">;

export interface MessagePage {
  messages: StoredMessage[];
  hasPreviousPage: boolean;
  /** Cursor for the page before this one. */
  startCursor: string | undefined;
}

export type Result<T> = { kind: "ok"; value: T } | { kind: "problem"; problem: string };

/** Loads a room and its messages. */
export interface RoomSource {
  /** Loads the room and its newest page; undefined if the viewer cannot see such a room. */
  room(): Promise<Result<{ info: RoomInfo; page: MessagePage } | undefined>>;
  older(roomId: string, before: string): Promise<Result<MessagePage>>;
}

/** Messages per page. A screen shows about 20. */
const PAGE = 50;

export function makeRoomSource(client: Pick<Client, "query">, slug: string): RoomSource {
  return {
    room: async () => {
      const response = await client.query(ROOM, { slug, last: PAGE }).toPromise();
      if (!response.data) return { kind: "problem", problem: describeError(response.error) };
      const room = response.data.room;
      if (!room) return { kind: "ok", value: undefined };
      const { messages, ...info } = room;
      return { kind: "ok", value: { info, page: readPage(messages) } };
    },
    older: async (id, before) => {
      const response = await client.query(OLDER_MESSAGES, { id, last: PAGE, before }).toPromise();
      const node = response.data?.node;
      if (node?.__typename !== "Room") {
        return { kind: "problem", problem: describeError(response.error) };
      }
      return { kind: "ok", value: readPage(node.messages) };
    },
  };
}

function readPage(connection: NonNullable<RoomQuery["room"]>["messages"]): MessagePage {
  return {
    messages: connection.edges.map((edge) => edge.node),
    hasPreviousPage: connection.pageInfo.hasPreviousPage,
    startCursor: connection.pageInfo.startCursor ?? undefined,
  };
}
