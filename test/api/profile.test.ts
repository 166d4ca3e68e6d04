import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room, TypedError } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { picture } from "../kit/pictures.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { connect } from "../kit/socket.ts";
import { createsUpload, sendsBytes, uploads } from "../kit/uploads.ts";

const PROFILE = "username displayName statusText changedAt avatar { id url thumbnailUrl }";
const UPDATE = /* GraphQL */ `
  mutation Update($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      __typename
      ... on UpdateProfilePayload { cursor user { ${PROFILE} } }
      ... on Error { code message }
      ... on InvalidInputError { fields { field code } }
    }
  }
`;
const USER = `query User($name: String!) { user(username: $name) { ${PROFILE} } }`;
const CHANGES = `subscription { events { __typename cursor ... on UserChanged { user { ${PROFILE} } } } }`;
const SAY = /* GraphQL */ `
  mutation Say($input: SendMessageInput!) {
    sendMessage(input: $input) {
      ... on SendMessagePayload { sentMessage { author { ${PROFILE} } } }
    }
  }
`;

interface Profile {
  username: string;
  displayName: string;
  statusText: string | null;
  changedAt: string | null;
  avatar: { id: string; url: string; thumbnailUrl: string } | null;
}
type Updated = { __typename: "UpdateProfilePayload"; cursor: string; user: Profile } | TypedError;

let database: TestDatabase;
let server: TestServer;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let room: Room;

beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ databaseUrl: database.url, env: { UPLOAD_SWEEP_SECONDS: "0.2" } });
  seed = seedOn(server);
  [ada, bob] = [seed.user("ada"), seed.user("bob")];
  room = await ada.createsRoom("Room");
  await bob.joins(room);
});

const update = (who: Actor, input: object): Promise<Updated> => who.mutate(UPDATE, { input });

async function changed(who: Actor, input: object): Promise<Profile> {
  const answer = await update(who, input);
  if (!("user" in answer)) throw new Error(JSON.stringify(answer));
  return answer.user;
}

async function profileOf(who: Actor, seenBy = bob): Promise<Profile> {
  const name = who.username;
  return (await seenBy.query<{ user: Profile }>(USER, { name })).user;
}

describe("a profile", () => {
  test("is empty at first, then shows the user's changes to everyone", async () => {
    expect(await profileOf(ada)).toEqual({
      username: "ada",
      displayName: "ada",
      statusText: null,
      changedAt: null,
      avatar: null,
    });
    type ProfileEvent = { __typename: string; user?: Profile };
    const stream = await (
      await bob.client()
    ).subscribe<ProfileEvent & { cursor: string }>({ query: CHANGES });
    await stream.next(({ __typename }) => __typename === "Ready");
    const user = await changed(ada, { displayName: " Ada Lovelace ", statusText: "Counting" });
    expect(user).toMatchObject({ displayName: "Ada Lovelace", statusText: "Counting" });
    const event = await stream.next(({ __typename }) => __typename === "UserChanged");
    expect(event.user).toEqual(user);
    expect(await profileOf(ada)).toEqual(user);
    // Keeps omitted fields, and sends no event without a change.
    expect(await changed(ada, { statusText: "Counting" })).toEqual(user);
    const later = await changed(ada, { statusText: null });
    expect(later).toMatchObject({ displayName: "Ada Lovelace", statusText: null });
    const next = await stream.next(
      ({ __typename, cursor }) => __typename === "UserChanged" && cursor !== event.cursor,
    );
    expect(next.user).toEqual(later);
    await stream.close();
  });

  test("shows in the user's later messages, over an already open socket", async () => {
    const cat = seed.user("cat");
    await cat.joins(room);
    const socket = await connect(server, { token: (await cat.signsUp()).token });
    const say = async (): Promise<Profile> => {
      const input = { conversationId: room.id, body: "meow" };
      const { data } = await socket.execute<{ sendMessage: { sentMessage: { author: Profile } } }>(
        SAY,
        { input },
      );
      if (!data) throw new Error("nothing was said");
      return data.sendMessage.sentMessage.author;
    };
    expect(await say()).toMatchObject({ displayName: "cat" });
    await changed(cat, { displayName: "The Cat" });
    await eventually(async () => expect(await say()).toMatchObject({ displayName: "The Cat" }));
    await socket.close();
  });

  test.for<[string, object, string, string]>([
    ["an empty name", { displayName: "  " }, "displayName", "REQUIRED"],
    ["a long name", { displayName: "x".repeat(65) }, "displayName", "TOO_LONG"],
    [
      "a name that changes the writing direction",
      { displayName: "a\u202Eb" },
      "displayName",
      "INVALID_FORMAT",
    ],
    ["an invisible name", { displayName: "\u2800" }, "displayName", "INVALID_FORMAT"],
    ["a long status", { statusText: "x".repeat(101) }, "statusText", "TOO_LONG"],
    ["a status of two lines", { statusText: "a\nb" }, "statusText", "INVALID_FORMAT"],
  ])("rejects %s", async ([, input, field, code]) => {
    expect(await update(ada, input)).toMatchObject({
      __typename: "InvalidInputError",
      fields: [{ field, code }],
    });
  });
});

describe("a user's picture", () => {
  test("is a square visible to every logged-in user, and is deleted when replaced", async () => {
    const first = await uploads(ada, "me.png", await picture("png", 900, 400), "PICTURE");
    const user = await changed(ada, { avatarUploadId: first.id });
    const { avatar } = user;
    if (avatar === null) throw new Error("there is no picture");
    expect(avatar.id).toBe(first.id);
    const see = async (url: string) => (await bob.client()).fetch(url);
    for (const [url, side] of [
      [avatar.url, 512],
      [avatar.thumbnailUrl, 96],
    ] as const) {
      const response = await see(url);
      expect(response.status).toBe(200);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(await sharp(bytes).metadata()).toMatchObject({
        format: "webp",
        width: side,
        height: side,
      });
    }
    expect(await profileOf(ada)).toEqual(user);
    // Setting it again has no effect.
    expect(await changed(ada, { avatarUploadId: first.id })).toEqual(user);

    const second = await uploads(ada, "me.jpg", await picture("jpeg", 50, 50), "PICTURE");
    const next = await changed(ada, { avatarUploadId: second.id });
    expect(next.avatar?.id).toBe(second.id);
    expect((await see(avatar.url)).status).toBe(404);
    await eventually(async () => {
      const names = await database.query(`SELECT name FROM "Upload" WHERE name = 'me.png'`);
      expect(names).toEqual([]);
    });
    expect(await changed(ada, { avatarUploadId: null })).toMatchObject({ avatar: null });
    expect((await see(next.avatar?.url ?? "")).status).toBe(404);
  });

  test("must be one's own complete upload with the right purpose", async () => {
    const others = await uploads(bob, "bob.png", await picture("png"), "PICTURE");
    const incomplete = await createsUpload(ada, "half.png", 100, "PICTURE");
    const message = await uploads(ada, "message.png", await picture("png"));
    for (const { id } of [others, incomplete, message])
      expect(await update(ada, { avatarUploadId: id })).toMatchObject({ code: "NOT_FOUND" });
    const text = Buffer.from("I am no picture");
    const upload = await createsUpload(ada, "me.png", text.length, "PICTURE");
    const response = await sendsBytes(ada, upload, text);
    expect([response.status, await response.json()]).toMatchObject([415, { code: "FILE_TYPE" }]);
    expect(await profileOf(ada)).toMatchObject({ avatar: null });
  });

  test("shows beside the user's earlier messages", async () => {
    const dan = seed.user("dan");
    await dan.joins(room);
    const { id } = await dan.says(room, "I look like this");
    await changed(dan, {
      avatarUploadId: (await uploads(dan, "dan.png", await picture("png"), "PICTURE")).id,
    });
    const query = `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Message { author { avatar { id } } } } }`;
    const { nodes } = await bob.query<{ nodes: { author: Profile }[] }>(query, { ids: [id] });
    expect(nodes[0]?.author.avatar?.id).toBe((await profileOf(dan)).avatar?.id);
  });
});
