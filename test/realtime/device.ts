import { followMarks, makeConnection, makeEventStream, type TypedDocument } from "@parley/sdk";
import { makeConversationList, type ListEvent, type OwnMark } from "@parley/sdk/state";
import { WebSocket } from "ws";
import { client, type TestClient } from "../kit/client.ts";
import { OWN_MARKS } from "../kit/receipt-documents.ts";
import { onRelease } from "../kit/resources.ts";
import type { Endpoint } from "../kit/socket.ts";

const MARKS: TypedDocument<
  { ownMarks: OwnMark & { conversationId: string } },
  Record<string, never>
> = OWN_MARKS;

const LISTED = /* GraphQL */ `
  fragment Brief on Message {
    id
    seq
    kind
    createdAt
    editedAt
    deletedAt
    author {
      id
    }
  }
  fragment Shared on Conversation {
    id
    createdAt
    lastSeq
    countedMessages
  }
`;

const OWN = /* GraphQL */ `
  fragment Listed on Conversation {
    ...Shared
    lastMessage {
      ...Brief
    }
    unreadCount
    viewerMembership {
      id
      lastReadSeq
      markRevision
    }
    viewerMark {
      lastReadSeq
      readCount
      unreadMentionCount
      revision
      lastSeq
      countedMessages
    }
  }
`;

const SNAPSHOT = /* GraphQL */ `
  query Snapshot {
    viewer {
      cursor
      unread {
        messages
        mentions
        conversations
      }
      conversations(first: 100) {
        edges {
          node {
            ...Listed
          }
        }
      }
    }
  }
  ${LISTED}
  ${OWN}
`;

const ONE = /* GraphQL */ `
  query One($id: ID!) {
    node(id: $id) {
      ...Listed
    }
  }
  ${LISTED}
  ${OWN}
`;

const EVENTS: TypedDocument<{ events: DeviceEvent }, { after?: string }> = /* GraphQL */ `
  subscription Events($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on MessageSent {
        conversationId
        message {
          ...Brief
        }
      }
      ... on MessageChange {
        conversationId
        message {
          ...Brief
        }
      }
      ... on MessageDeleted {
        lastSeq
        countedMessages
      }
      ... on MemberJoined {
        conversationId
        conversation {
          ...Shared
        }
        membership {
          id
          lastReadSeq
          markRevision
          user {
            id
          }
        }
      }
      ... on MemberLeft {
        conversationId
        user {
          id
        }
      }
    }
  }
  ${LISTED}
`;

interface Listed {
  id: string;
  createdAt: string;
  lastSeq: number;
  countedMessages: number;
  lastMessage: {
    id: string;
    seq: number;
    kind: "TEXT" | "SYSTEM";
    createdAt: string;
    editedAt: string | null;
    deletedAt: string | null;
    author: { id: string };
  } | null;
  unreadCount: number;
  viewerMembership: { id: string; lastReadSeq: number; markRevision: number } | null;
  viewerMark: OwnMark | null;
}

interface Snapshot {
  viewer: {
    cursor: string;
    unread: { messages: number; mentions: number; conversations: number };
    conversations: { edges: { node: Listed }[] };
  };
}

type DeviceEvent = ListEvent<Listed> & { readonly cursor: string };

/** A user's unread counts, for comparison. */
export interface Counts {
  unread: { messages: number; mentions: number; conversations: number };
  conversations: Record<
    string,
    { lastSeq: number; unread: number; mentions: number; readSeq: number; counted: number }
  >;
}

function countsOf(conversations: readonly Listed[], unread: Counts["unread"]): Counts {
  return {
    unread,
    conversations: Object.fromEntries(
      conversations
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, lastSeq, countedMessages, unreadCount, viewerMark }) => [
          id,
          {
            lastSeq,
            counted: countedMessages,
            unread: unreadCount,
            mentions: viewerMark?.unreadMentionCount ?? -1,
            readSeq: viewerMark?.lastReadSeq ?? -1,
          },
        ]),
    ),
  };
}

/** Reads the counts from a fresh snapshot. */
export async function freshCounts(person: TestClient): Promise<Counts> {
  const { viewer } = await person.query<Snapshot>(SNAPSHOT);
  return countsOf(
    viewer.conversations.edges.map(({ node }) => node),
    viewer.unread,
  );
}

export interface DeviceOptions {
  name: string;
  userId: string;
  token: string;
  endpoint: Endpoint;
}

/** A device built on the SDK: one snapshot, then only events and marks. */
export class Device {
  readonly name: string;
  /** Errors that ended a stream; empty in a good run. */
  readonly problems: Error[] = [];
  readonly #client: TestClient;
  readonly #list;
  readonly #connection;
  readonly #asked = new Set<string>();
  #socket: WebSocket | undefined;

  constructor({ name, userId, token, endpoint }: DeviceOptions) {
    this.name = name;
    this.#client = client(endpoint).as(token);
    this.#list = makeConversationList<Listed>({ viewerId: userId });
    const opened = (socket: WebSocket): void => {
      this.#socket = socket;
    };
    class RecordedSocket extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols);
        opened(this);
      }
    }
    this.#connection = makeConnection({
      url: `${this.#client.url}/graphql`,
      token: () => token,
      webSocketImpl: RecordedSocket,
      backoff: { baseMs: 20, capMs: 500 },
    });
    onRelease(() => this.#connection.close());
  }

  async start(): Promise<void> {
    const { viewer } = await this.#client.query<Snapshot>(SNAPSHOT);
    this.#list.reset(viewer.conversations.edges.map(({ node }) => node));
    followMarks({
      connection: this.#connection,
      document: MARKS,
      onMark: this.#list.applyMark,
      onFailed: (error) => this.problems.push(error),
    });
    const stream = makeEventStream({
      connection: this.#connection,
      document: EVENTS,
      after: viewer.cursor,
    });
    const follow = async (): Promise<void> => {
      for await (const event of stream) {
        if (event.__typename === "EventGap") throw new Error("a gap");
        this.#list.apply(event);
        for (const id of this.#list.incomplete) void this.#complete(id);
      }
    };
    follow().catch((error: unknown) => {
      this.problems.push(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** Cuts the connection; the SDK reconnects. */
  cut(): void {
    this.#socket?.terminate();
  }

  get counts(): Counts {
    return countsOf(this.#list.conversations, this.#list.unread);
  }

  /** The event of a join lacks only the conversation's newest message. */
  async #complete(id: string): Promise<void> {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    try {
      const { node } = await this.#client.query<{ node: Listed | null }>(ONE, { id });
      const present = this.#list.get(id);
      // Between request and response, the user may have left, or left and rejoined.
      if (node?.viewerMembership?.id === present?.viewerMembership?.id && node && present)
        this.#list.put(node);
    } finally {
      this.#asked.delete(id);
    }
  }
}
