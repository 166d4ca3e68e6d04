import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createParley,
  DeletedError,
  InvalidCredentialsError,
  InvalidInputError,
  NetworkError,
  NotAllowedError,
  NotAMemberError,
  NotFoundError,
  type OwnMark,
  type Parley,
  type ParleyOptions,
  RequestError,
  SessionEndedError,
  SlugTakenError,
  type TypedDocument,
  UnauthenticatedError,
  UsernameTakenError,
} from "@parley/sdk";
import { beforeAll, expect, test } from "vitest";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";
import { startServer } from "../kit/server.ts";

let url: string;
let people = 0;

beforeAll(async () => {
  const server = await startServer({ databaseUrl: (await createDatabase()).url });
  url = `${server.url}/graphql`;
});

const password = "correct horse battery";

function open(options: Partial<ParleyOptions> = {}): Parley {
  const parley = createParley({ url, ...options });
  onRelease(() => parley.close());
  return parley;
}

/** Signs up a new user and returns their client. */
async function signUpUser(): Promise<Parley & { username: string }> {
  people += 1;
  const username = `person-${people}`;
  const parley = open();
  await parley.signUp({ username, password });
  return Object.assign(parley, { username });
}

test("a user signs up, is identified by the token, and logs out", async () => {
  const parley = open();
  const { user, token } = await parley.signUp({ username: "Grace", password, device: "test" });
  expect(parley.token).toBe(token);
  expect(await open({ token }).me()).toEqual(user);
  expect((await parley.viewer())?.session.device).toBe("test");
  const stream = parley.events();
  await eventually(() => stream.status.state === "live");
  await parley.logOut();
  await expect(stream.next()).rejects.toBeInstanceOf(SessionEndedError);
  expect(parley.token).toBeUndefined();
  await expect(parley.me()).rejects.toBeInstanceOf(UnauthenticatedError);
  expect((await parley.logIn({ username: "grace", password })).user.id).toBe(user.id);
});

test("expected failures are error classes with their own fields", async () => {
  const { username } = await signUpUser();
  const parley = open();
  const wrong = parley.logIn({ username, password: "not the password" });
  await expect(wrong).rejects.toBeInstanceOf(InvalidCredentialsError);
  const taken = parley.signUp({ username, password });
  await expect(taken).rejects.toBeInstanceOf(UsernameTakenError);
  const short: unknown = await parley
    .signUp({ username: "x", password: "short" })
    .catch((error: unknown) => error);
  expect(short).toBeInstanceOf(InvalidInputError);
  expect(short).toMatchObject({ fields: [{ field: "password", code: "TOO_SHORT" }] });
});

test("rooms can be created, found, joined and left", async () => {
  const [ada, bob] = [await signUpUser(), await signUpUser()];
  const room = await ada.createRoom({ name: "Tea & Cake", slug: "tea-cake", topic: "both" });
  const again = ada.createRoom({ name: "Tea", slug: "tea-cake" });
  await expect(again).rejects.toBeInstanceOf(SlugTakenError);
  expect(await bob.room("tea-cake")).toEqual(room);
  expect(await bob.room("no-such-room")).toBeNull();
  expect((await bob.rooms({ search: "cake" })).items.map(({ slug }) => slug)).toEqual(["tea-cake"]);
  await expect(bob.sendMessage(room.id, "hello")).rejects.toBeInstanceOf(NotAMemberError);
  expect((await bob.joinRoom(room)).room.memberCount).toBe(2);
  await bob.leaveRoom(room);
  await expect(bob.leaveRoom(room)).rejects.toBeInstanceOf(NotAMemberError);
  expect((await bob.server()).lobby?.slug).toBe("lobby");
});

test("history can be read in both directions and around a message", async () => {
  const ada = await signUpUser();
  const room = await ada.createRoom({ name: "History" });
  const sent = [];
  for (let seq = 1; seq <= 7; seq += 1) sent.push(await ada.sendMessage(room.id, `number ${seq}`));
  const newest = await ada.messages(room, { last: 3 });
  expect(newest.items).toEqual(sent.slice(4));
  expect(newest.hasPreviousPage).toBe(true);
  const above = await ada.messages(room, { last: 3, before: newest.startCursor ?? "" });
  expect(above.items).toEqual(sent.slice(1, 4));
  const middle = await ada.messages(room, { first: 3, around: sent[3]?.id ?? "" });
  expect(middle.items).toEqual(sent.slice(2, 5));
  expect((await ada.messages(room)).items).toEqual(sent);
  const user = await ada.me();
  await expect(ada.messages(user)).rejects.toBeInstanceOf(NotFoundError);
});

test("edits, deletions, reactions and pins reach every listener", async () => {
  const [ada, bob] = [await signUpUser(), await signUpUser()];
  const room = await ada.createRoom({ name: "Changes" });
  const { cursor } = await bob.joinRoom(room);
  const message = await ada.sendMessage(room.id, "helo");
  const edited = await ada.editMessage(message, "hello");
  expect(edited).toMatchObject({ id: message.id, body: "hello" });
  expect(await bob.addReaction(message, "🎉")).toMatchObject({
    reactions: [{ emoji: "🎉", count: 1, users: [{ username: bob.username }] }],
  });
  expect((await bob.removeReaction(message.id, "🎉")).reactions).toEqual([]);
  expect((await ada.pinMessage(message)).pinnedAt).not.toBeNull();
  expect((await ada.unpinMessage(message)).pinnedAt).toBeNull();
  await expect(bob.editMessage(message, "mine")).rejects.toBeInstanceOf(NotAllowedError);
  await expect(bob.addReaction(message, "yes")).rejects.toBeInstanceOf(InvalidInputError);
  const deleted = await ada.deleteMessage(message);
  expect(deleted).toMatchObject({ id: message.id, seq: message.seq, body: "" });
  await expect(ada.pinMessage(message)).rejects.toBeInstanceOf(DeletedError);
  const answer = { conversationId: room.id, replyToId: message.id };
  await expect(bob.sendMessage(answer, "what?")).rejects.toBeInstanceOf(DeletedError);
  const received: string[] = [];
  for await (const event of bob.events({ after: cursor, conversationIds: [room.id] })) {
    received.push(event.__typename);
    if (event.__typename !== "MessageDeleted") continue;
    expect(event.message).toEqual(deleted);
    break;
  }
  expect(received).toEqual([
    "MessageSent",
    "MessageEdited",
    "ReactionAdded",
    "ReactionRemoved",
    "MessagePinned",
    "MessageUnpinned",
    "MessageDeleted",
  ]);
});

test("a stream started at the login cursor receives each message once and in order", async () => {
  const [ada, bob] = [await signUpUser(), await signUpUser()];
  const room = await ada.createRoom({ name: "Talk" });
  const { cursor } = await bob.joinRoom(room);
  const target = { conversationId: room.id };
  const first = await ada.sendMessage(target, "first");
  const answer = { ...target, replyToId: first.id };
  const received: string[] = [];
  for await (const event of bob.events({ after: cursor, conversationIds: [room.id] })) {
    if (event.__typename !== "MessageSent") continue;
    received.push(`${event.message.author.username}: ${event.message.body}`);
    if (event.message.body === "first") await bob.sendMessage(answer, "second");
    else {
      expect(event.message.replyTo?.id).toBe(first.id);
      break;
    }
  }
  expect(received).toEqual([`${ada.username}: first`, `${bob.username}: second`]);
  expect((await ada.markRead(room, 2)).unreadCount).toBe(0);
});

test("read marks reach every device, and deliveries are acknowledged", async () => {
  const [ada, bob] = [await signUpUser(), await signUpUser()];
  const room = await ada.createRoom({ name: "Marked" });
  await bob.joinRoom(room);
  const phone = open({ token: bob.token });
  const received: OwnMark[] = [];
  const stop = phone.ownMarks((mark) => {
    if (mark.conversationId === room.id) received.push(mark);
  });
  await eventually(() => expect(received).toMatchObject([{ lastReadSeq: 0, unreadCount: 0 }]));
  const events = bob.events({ types: ["MESSAGE_SENT"], acknowledge: true });
  await eventually(() => expect(events.status.state).toBe("live"));
  for (const body of ["one", "two", "three"]) await ada.sendMessage(room.id, body);
  // Received counts as delivered, even if unread.
  await eventually(() =>
    expect(received.at(-1)).toMatchObject({ lastDeliveredSeq: 3, lastReadSeq: 0, unreadCount: 3 }),
  );
  await bob.markRead(room, 2);
  await eventually(() => expect(received.at(-1)).toMatchObject({ lastReadSeq: 2, unreadCount: 1 }));
  expect(await bob.markUnread(room, 1)).toMatchObject({ lastReadSeq: 0, unreadCount: 3 });
  await eventually(() => expect(received.at(-1)).toMatchObject({ lastReadSeq: 0, unreadCount: 3 }));
  const count = received.length;
  stop();
  expect(await bob.markDelivered([{ conversationId: room.id, seq: 3 }])).toMatchObject([
    { lastDeliveredSeq: 3 },
  ]);
  const later = new Date(Date.now() + 3_600_000);
  expect(await bob.setNotifications(room, "MENTIONS", later)).toEqual({
    level: "MENTIONS",
    mutedUntil: later.toISOString(),
  });
  await bob.markRead(room, 3);
  expect(received).toHaveLength(count);
});

test("a send whose response is lost is retried and creates one message", async () => {
  const ada = await signUpUser();
  const room = await ada.createRoom({ name: "Lossy" });
  let requests = 0;
  // A proxy that forwards every request and drops the first two responses.
  const proxy = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = {
        "content-type": "application/json",
        authorization: request.headers.authorization ?? "",
      };
      requests += 1;
      const lose = requests <= 2;
      void fetch(url, { method: "POST", headers, body: Buffer.concat(chunks) })
        .then((answer) => answer.text())
        .then((text) => {
          if (lose) response.destroy();
          else response.end(text);
        });
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onRelease(() => new Promise((resolve) => proxy.close(() => resolve())));
  const { port } = proxy.address() as AddressInfo;
  const lossy = open({ url: `http://127.0.0.1:${port}/graphql`, token: ada.token });
  const sent = await lossy.sendMessage(room.id, "once");
  expect(requests).toBe(3);
  expect((await ada.messages(room)).items).toEqual([sent]);
});

test("an unreachable or non-GraphQL server causes a NetworkError", async () => {
  const unreachable = open({ url: "http://127.0.0.1:1/graphql" });
  await expect(unreachable.rooms()).rejects.toBeInstanceOf(NetworkError);
  const elsewhere = open({ url: url.replace("/graphql", "/health/live") });
  const failure: unknown = await elsewhere.rooms().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NetworkError);
  expect(failure).toMatchObject({
    retryable: true,
    message: expect.stringContaining("HTTP status"),
  });
});

test("an aborted request rejects with the signal's reason and is not retried", async () => {
  const ada = await signUpUser();
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  let requests = 0;
  const slow = open({
    token: ada.token,
    fetch: (_input, init) => {
      requests += 1;
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
        abort.abort(reason);
      });
    },
  });
  await expect(slow.sendMessage("x", "y", { signal: abort.signal })).rejects.toBe(reason);
  expect(requests).toBe(1);
});

test("a custom document runs with its types, and an invalid one causes a RequestError", async () => {
  const ada = await signUpUser();
  const names = "query Names($id: ID!) { node(id: $id) { ... on User { username } } }";
  const document = names as TypedDocument<{ node: { username: string } | null }, { id: string }>;
  const { id } = await ada.me();
  expect((await ada.execute(document, { id })).node?.username).toBe(ada.username);
  const wrong = "{ nonsense }" as TypedDocument<unknown, Record<string, never>>;
  const failure: unknown = await ada.execute(wrong, {}).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RequestError);
  expect(failure).toMatchObject({ retryable: false });
});

test("without a session or with an invalid token, a stream rejects and does not reconnect", async () => {
  await expect(open().events().next()).rejects.toBeInstanceOf(UnauthenticatedError);
  const forged = open({ token: "no-such-token" }).events();
  await expect(forged.next()).rejects.toBeInstanceOf(UnauthenticatedError);
});

test("revoking a session elsewhere ends its stream", async () => {
  const ada = await signUpUser();
  const phone = open();
  const { session } = await phone.logIn({ username: ada.username, password });
  const stream = phone.events({ types: ["MESSAGE_SENT"] });
  await eventually(() => stream.status.state === "live");
  expect((await ada.revokeSession(session)).id).toBe(session.id);
  await expect(stream.next()).rejects.toBeInstanceOf(SessionEndedError);
});

test("changing the password renews the token and keeps streams open", async () => {
  const ada = await signUpUser();
  const before = ada.token;
  const stream = ada.events({ types: ["MESSAGE_SENT"] });
  await eventually(() => stream.status.state === "live");
  const other = open();
  await other.logIn({ username: ada.username, password });
  const change = { currentPassword: password, newPassword: `${password} staple` };
  expect(await ada.changePassword(change)).toBe(1);
  expect(ada.token).not.toBe(before);
  const { lobby } = await ada.server();
  const { id } = await ada.sendMessage(lobby?.id ?? "", "still here");
  const received = await stream.next();
  expect(received.value).toMatchObject({ __typename: "MessageSent", message: { id } });
});
