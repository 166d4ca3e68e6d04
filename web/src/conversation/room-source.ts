import type { Client } from "@urql/core";
import { sentenceFor } from "../app/problem.ts";
import type { MessageFieldsFragment, RoomQuery } from "../generated/graphql.ts";
import { OLDER_MESSAGES, ROOM } from "./documents.ts";

export type StoredMessage = MessageFieldsFragment;

/** What a page says of its room, apart from the messages. */
export type RoomFacts = Omit<NonNullable<RoomQuery["room"]>, "messages" | "__typename">;

export interface MessagePage {
  messages: StoredMessage[];
  hasPreviousPage: boolean;
  /** What the page above this one is asked for with. */
  startCursor: string | undefined;
}

export type Answer<T> = { is: "got"; value: T } | { is: "problem"; problem: string };

/** Where the messages of a room come from. */
export interface RoomSource {
  /** The room and its newest page; undefined when there is no such room for this person. */
  room(): Promise<Answer<{ facts: RoomFacts; page: MessagePage } | undefined>>;
  /** The page above a cursor. */
  older(roomId: string, before: string): Promise<Answer<MessagePage>>;
}

/** Messages in one page; a screen shows about 20. */
const PAGE = 50;

/** Asks the server for the room that lives under a slug. */
export function makeRoomSource(client: Pick<Client, "query">, slug: string): RoomSource {
  return {
    room: async () => {
      const answer = await client.query(ROOM, { slug, last: PAGE }).toPromise();
      if (!answer.data) return { is: "problem", problem: sentenceFor(answer.error) };
      const room = answer.data.room;
      if (!room) return { is: "got", value: undefined };
      const { messages, ...facts } = room;
      return { is: "got", value: { facts, page: readPage(messages) } };
    },
    older: async (id, before) => {
      const answer = await client.query(OLDER_MESSAGES, { id, last: PAGE, before }).toPromise();
      const node = answer.data?.node;
      if (node?.__typename !== "Room") {
        return { is: "problem", problem: sentenceFor(answer.error) };
      }
      return { is: "got", value: readPage(node.messages) };
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
