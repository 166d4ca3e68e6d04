import type { TestClient } from "../../kit/client.ts";
import type { Actor } from "../../kit/seed.ts";
import type { Variables } from "../../kit/socket.ts";
import { sendsFiles, uploads } from "../../kit/uploads.ts";
import { REPORTS } from "../../kit/trust-documents.ts";
import { RoomPlace, type Place } from "./place.ts";
import { wordOf } from "./words.ts";

/** A query, and the part of its result that shows the object to permitted viewers. */
export interface ReadCase {
  document: string;
  variables: Variables;
  mark: string;
}

/** Prepares the object while the place is open. Null for an impossible case. */
export type PrepareRead = (place: Place) => Promise<ReadCase | null>;

/** Returns the outcome of a read: `yes`, `nothing` if the result lacks it, or the error code. */
export async function outcomeOfRead(client: TestClient, read: ReadCase): Promise<string> {
  const { status, data, errors } = await client.send(read.document, read.variables);
  const code = errors[0]?.extensions?.code;
  if (status >= 500 || code === "INTERNAL_SERVER_ERROR") return `! ${JSON.stringify(errors)}`;
  const sees = JSON.stringify(data).includes(JSON.stringify(read.mark));
  if (sees) return code === undefined ? "yes" : `! seen beside ${code}`;
  return code === undefined ? "nothing" : wordOf(code);
}

/** Looks an object up by id, alone and in a list. */
export function byId(id: string): ReadCase {
  const document = `query($id: ID!) { one: node(id: $id) { id } some: nodes(ids: [$id]) { id } }`;
  return { document, variables: { id }, mark: id };
}

const node =
  (idOf: (place: Place) => Promise<string>): PrepareRead =>
  async (place) =>
    byId(await idOf(place));

const nodeInRoom =
  (idOf: (place: RoomPlace) => Promise<string>): PrepareRead =>
  async (place) =>
    place instanceof RoomPlace ? byId(await idOf(place)) : null;

/** Returns the first id at the end of a path in a query result. */
async function idIn(person: Actor, document: string, variables: Variables): Promise<string> {
  const data = JSON.stringify(await person.query(document, variables));
  const [, id] = /"found":"([^"]+)"/.exec(data) ?? [];
  if (id === undefined) throw new Error(`nothing is found: ${data}`);
  return id;
}

const slugOf = (place: Place, person: Actor): Promise<string> =>
  idIn(person, "query($id: ID!) { node(id: $id) { ... on Room { found: slug } } }", {
    id: place.id,
  });

const attachment = async (place: Place): Promise<string> => {
  const fellow = await place.person("fellow");
  const { id } = await uploads(fellow, "notes.txt", Buffer.from("hello"));
  const message = await sendsFiles(fellow, place, [id]);
  return message.attachments[0]?.id ?? "";
};

const auditEntry = async (place: RoomPlace): Promise<string> => {
  await place.ban();
  return idIn(
    place.cast.administrator,
    `query($id: ID!) { auditLog(first: 1, filter: { conversationId: $id }) { edges { node { found: id } } } }`,
    { id: place.id },
  );
};

const membership = async (place: Place): Promise<string> =>
  idIn(
    await place.person("fellow"),
    `query($id: ID!) { node(id: $id) { ... on Room { viewerMembership { found: id } }
       ... on DirectConversation { viewerMembership { found: id } } } }`,
    { id: place.id },
  );

const list =
  (document: string, mark: (place: Place) => Promise<string>): PrepareRead =>
  async (place) => ({ document, variables: { id: place.id }, mark: await mark(place) });

const ofPlace = (fields: string): string =>
  `query($id: ID!) { node(id: $id) { ... on Room { ${fields} } ... on DirectConversation { ${fields} } } }`;
const ofRoom = (fields: string): string =>
  `query($id: ID!) { node(id: $id) { ... on Room { ${fields} } } }`;

const listInRoom =
  (fields: string, mark: (place: RoomPlace) => Promise<string>): PrepareRead =>
  async (place) =>
    place instanceof RoomPlace
      ? { document: ofRoom(fields), variables: { id: place.id }, mark: await mark(place) }
      : null;

const IDS = "edges { node { id } }";
const aMessage = (place: Place): Promise<string> => place.message("fellow");

/** Objects in a place, by the field that shows them; nodes by their type. */
export const IN_PLACES: Readonly<Record<string, Readonly<Record<string, PrepareRead>>>> = {
  node: {
    Attachment: node(attachment),
    AuditEntry: nodeInRoom(auditEntry),
    Ban: nodeInRoom((place) => place.ban()),
    DirectConversation: (place) =>
      Promise.resolve(place instanceof RoomPlace ? null : byId(place.id)),
    Invite: nodeInRoom((place) => place.invite("passer")),
    InviteLink: nodeInRoom((place) => place.link("id")),
    Membership: node(membership),
    Message: node(aMessage),
    "Message, deleted": node((place) => place.deletedMessage("fellow")),
    Report: node((place) => place.report("fellow")),
    Room: (place) => Promise.resolve(place instanceof RoomPlace ? byId(place.id) : null),
    ScheduledMessage: node((place) =>
      place.scheduled(place instanceof RoomPlace ? "member" : place.host),
    ),
  },
  room: {
    "the room": async (place) =>
      place instanceof RoomPlace
        ? {
            document: "query($slug: String!) { room(slug: $slug) { id } }",
            variables: { slug: await slugOf(place, await place.person("owner")) },
            mark: place.id,
          }
        : null,
  },
  rooms: {
    "the room": (place) =>
      Promise.resolve(
        place instanceof RoomPlace
          ? { document: `{ rooms(first: 100) { ${IDS} } }`, variables: {}, mark: place.id }
          : null,
      ),
    "the room, archived": (place) =>
      Promise.resolve(
        place instanceof RoomPlace
          ? {
              document: `{ rooms(first: 100, archived: true) { ${IDS} } }`,
              variables: {},
              mark: place.id,
            }
          : null,
      ),
  },
  searchMessages: {
    "a message": async (place) => ({
      document: `{ searchMessages(query: "fellow", first: 100) { ${IDS} } }`,
      variables: {},
      mark: await aMessage(place),
    }),
    "a message, in this conversation": list(
      `query($id: ID!) { searchMessages(query: "fellow", filter: { in: [$id] }) { ${IDS} } }`,
      aMessage,
    ),
  },
  inviteInfo: {
    "a link": async (place) =>
      place instanceof RoomPlace
        ? {
            document: "query($token: String!) { inviteInfo(token: $token) { room { id } } }",
            variables: { token: await place.link("token") },
            mark: place.id,
          }
        : null,
  },
  reports: {
    "a report of a message": async (place) => ({
      document: REPORTS,
      variables: { first: 100 },
      mark: await place.report("fellow"),
    }),
  },
  auditLog: {
    "of the place": async (place) =>
      place instanceof RoomPlace
        ? {
            document: `query($id: ID!) { auditLog(first: 100, filter: { conversationId: $id }) { ${IDS} } }`,
            variables: { id: place.id },
            mark: await auditEntry(place),
          }
        : null,
  },
  viewer: {
    conversations: async (place) => {
      await aMessage(place);
      return {
        document: `{ viewer { conversations(first: 100) { ${IDS} } } }`,
        variables: {},
        mark: place.id,
      };
    },
  },
  Conversation: {
    members: list(ofPlace(`members(first: 100) { ${IDS} }`), membership),
    messages: list(ofPlace(`messages(last: 100) { ${IDS} }`), aMessage),
  },
  Room: {
    auditLog: listInRoom(`auditLog(first: 100) { ${IDS} }`, auditEntry),
    bans: listInRoom(`bans(first: 100) { ${IDS} }`, (place) => place.ban()),
    inviteLinks: listInRoom(`inviteLinks(first: 100) { ${IDS} }`, (place) => place.link("id")),
    invites: listInRoom(`invites(first: 100) { ${IDS} }`, (place) => place.invite("passer")),
  },
  Message: {
    edits: async (place) => {
      const fellow = await place.person("fellow");
      const { id } = await fellow.says(place, "a word that was changed");
      await fellow.edits({ id }, "another word");
      return {
        document: `query($id: ID!) { node(id: $id) { ... on Message { edits(first: 10) { edges { node { body } } } } } }`,
        variables: { id },
        mark: "a word that was changed",
      };
    },
    receipts: async (place) => {
      const { id, seq } = await (await place.person("fellow")).says(place, "for all to read");
      await (await place.person(place.host)).reads(place, seq);
      return {
        document: `query($id: ID!) { node(id: $id) { ... on Message {
          receipts(first: 100, read: true) { edges { node { membership { role } } } } } } }`,
        variables: { id },
        mark: "role",
      };
    },
  },
};
