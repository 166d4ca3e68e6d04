import { beforeAll, describe, expect, test } from "vitest";
import { PASSWORD, payload } from "../kit/client.ts";
import { createDatabase, type TestDatabase } from "../kit/database.ts";
import type { Room, TypedError } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import {
  CREATE_INVITE_LINK,
  INVITE_TO_ROOM,
  roomAct,
  type InviteLinkPayload,
  type InvitePayload,
} from "../kit/room-documents.ts";
import { DELETE_ACCOUNT } from "../kit/trust-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import type { Variables } from "../kit/socket.ts";

let database: TestDatabase;
let seed: Seed;
let ada: Actor;
let bob: Actor;
let room: Room;
let rooms = 0;

beforeAll(async () => {
  database = await createDatabase();
  const server = await startServer({ databaseUrl: database.url });
  seed = seedOn(server);
  [ada, bob] = [seed.user("ada"), seed.user("bob")];
  await bob.signsUp();
});

async function privateRoom(): Promise<Room> {
  rooms += 1;
  room = await ada.createsRoom(`Hidden ${rooms}`, { visibility: "PRIVATE", topic: "plans" });
  return room;
}

const idOf = async (who: Actor): Promise<string> => (await who.signsUp()).user.id;

async function codeOf(who: Actor, act: string, input: Variables): Promise<string> {
  const answer = await who.mutate<TypedError | { __typename: string }>(roomAct(act), { input });
  return "code" in answer ? answer.code : "OK";
}

async function link(options: Variables = {}, by = ada): Promise<InviteLinkPayload> {
  const input = { roomId: room.id, ...options };
  return payload(await by.mutate<InviteLinkPayload | TypedError>(CREATE_INVITE_LINK, { input }));
}

async function invite(who: Actor): Promise<InvitePayload["invite"]> {
  const input = { roomId: room.id, userId: await idOf(who) };
  return payload(await ada.mutate<InvitePayload | TypedError>(INVITE_TO_ROOM, { input })).invite;
}

async function isInside(who: Actor): Promise<boolean> {
  const query = `query($id: ID!) { node(id: $id) { ... on Room { viewerMembership { id } } } }`;
  const { node } = await who.query<{ node: { viewerMembership: object | null } | null }>(query, {
    id: room.id,
  });
  return (node?.viewerMembership ?? null) !== null;
}

describe("an invite", () => {
  const INVITES = /* GraphQL */ `
    {
      viewer {
        invites(first: 50) {
          edges {
            node {
              id
              room {
                name
                topic
                memberCount
              }
              inviter {
                username
              }
            }
          }
        }
      }
    }
  `;
  async function invitesOf(who: Actor): Promise<{ id: string }[]> {
    const { viewer } = await who.query<{
      viewer: { invites: { edges: { node: { id: string } }[] } };
    }>(INVITES);
    return viewer.invites.edges.map(({ node }) => node);
  }

  test("stays open until the user accepts it and so joins the room", async () => {
    const { name } = await privateRoom();
    const { id } = await invite(bob);
    expect(await invitesOf(bob)).toEqual([
      { id, room: { name, topic: "plans", memberCount: 1 }, inviter: { username: "ada" } },
    ]);
    expect(await isInside(bob)).toBe(false);
    expect(await codeOf(bob, "acceptInvite", { inviteId: id })).toBe("OK");
    expect(await isInside(bob)).toBe(true);
    expect(await invitesOf(bob)).toEqual([]);
    expect(await codeOf(bob, "acceptInvite", { inviteId: id })).toBe("NOT_FOUND");
  });

  test("sent twice exists once", async () => {
    await privateRoom();
    const [first, second] = [await invite(bob), await invite(bob)];
    expect(second.id).toBe(first.id);
    expect(await invitesOf(bob)).toHaveLength(1);
    await bob.does("declineInvite", { inviteId: first.id });
    expect(await invitesOf(bob)).toEqual([]);
    expect(await codeOf(bob, "declineInvite", { inviteId: first.id })).toBe("NOT_FOUND");
    expect((await invite(bob)).id).not.toBe(first.id);
    await bob.does("declineInvite", { inviteId: (await invite(bob)).id });
  });

  test("is visible to the invited user and to moderators, and only the user can answer it", async () => {
    await privateRoom();
    const eve = seed.user("eve");
    await eve.does("acceptInvite", { token: (await link()).token });
    const { id } = await invite(bob);
    const query = `query($id: ID!) { node(id: $id) { ... on Invite { id } } }`;
    expect(await bob.query(query, { id })).toEqual({ node: { id } });
    expect(await ada.query(query, { id })).toEqual({ node: { id } });
    expect(await eve.query(query, { id })).toEqual({ node: null });
    for (const act of ["acceptInvite", "declineInvite", "revokeInvite"])
      expect(await codeOf(eve, act, { inviteId: id }), act).toBe("NOT_FOUND");
    expect(await codeOf(bob, "revokeInvite", { inviteId: id })).toBe("NOT_ALLOWED");
    expect(await codeOf(ada, "acceptInvite", { inviteId: id })).toBe("NOT_FOUND");
    expect(await codeOf(ada, "revokeInvite", { inviteId: id })).toBe("OK");
    expect(await codeOf(bob, "acceptInvite", { inviteId: id })).toBe("NOT_FOUND");
    expect(await isInside(bob)).toBe(false);
  });

  test("admits no banned user, and no user to an archived room", async () => {
    await privateRoom();
    const { id } = await invite(bob);
    const input = { roomId: room.id, userId: await idOf(bob) };
    await ada.does("archiveRoom", { roomId: room.id });
    expect(await codeOf(bob, "acceptInvite", { inviteId: id })).toBe("ARCHIVED");
    await ada.does("unarchiveRoom", { roomId: room.id });
    await ada.does("banMember", input);
    expect(await invitesOf(bob)).toEqual([]);
    expect(await codeOf(bob, "acceptInvite", { inviteId: id })).toBe("NOT_FOUND");
    expect(await codeOf(ada, "inviteToRoom", input)).toBe("NOT_ALLOWED");
  });

  test("cannot be sent to a deleted account", async () => {
    await privateRoom();
    const gone = seed.user(`gone${String(rooms)}`);
    await gone.signsUp();
    const input = { roomId: room.id, userId: await idOf(gone) };
    await gone.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });
    await eventually(async () => {
      expect(await codeOf(ada, "inviteToRoom", input)).toBe("NOT_FOUND");
    });
  });

  test("to a public room ends when the user joins without it", async () => {
    room = await ada.createsRoom(`Open ${rooms}`);
    await invite(bob);
    await bob.joins(room);
    expect(await invitesOf(bob)).toEqual([]);
  });

  test("is sent live to the invited user only, and so is its end", async () => {
    await privateRoom();
    const EVENTS = /* GraphQL */ `
      subscription {
        events(types: [INVITE_RECEIVED, INVITE_ENDED]) {
          __typename
          ... on InviteReceived {
            invite {
              id
              room {
                name
              }
            }
          }
          ... on InviteEnded {
            inviteId
          }
        }
      }
    `;
    interface InviteEvent {
      __typename: string;
      invite?: { id: string };
      inviteId?: string;
    }
    const listen = async (who: Actor) =>
      (await who.client()).subscribe<InviteEvent>({ query: EVENTS });
    const [own, other] = [await listen(bob), await listen(ada)];
    for (const stream of [own, other])
      await stream.next(({ __typename }) => __typename === "Ready");
    const { id } = await invite(bob);
    expect(await own.next()).toMatchObject({ invite: { id, room: { name: room.name } } });
    await ada.does("revokeInvite", { inviteId: id });
    expect(await own.next()).toEqual({ __typename: "InviteEnded", inviteId: id });
    expect(other.all.map(({ __typename }) => __typename)).toEqual(["Ready"]);
  });
});

describe("an invite link", () => {
  const INFO = /* GraphQL */ `
    query Info($token: String!) {
      inviteInfo(token: $token) {
        room {
          name
          memberCount
          visibility
        }
        creator {
          username
        }
      }
    }
  `;
  const info = async (who: Actor, token: string): Promise<unknown> =>
    (await who.query<{ inviteInfo: unknown }>(INFO, { token })).inviteInfo;
  const usesOf = async (linkId: string): Promise<number | undefined> => {
    const { node } = await ada.query<{ node: { uses: number } | null }>(
      `query($id: ID!) { node(id: $id) { ... on InviteLink { uses } } }`,
      { id: linkId },
    );
    return node?.uses;
  };

  test("shows its room, admits users, and counts each user once", async () => {
    const { name } = await privateRoom();
    const made = await link({ maxUses: 2 });
    expect(made.token).toMatch(/^[\w-]{32}$/);
    expect(made.link).toMatchObject({ uses: 0, maxUses: 2 });
    expect(await info(bob, made.token)).toEqual({
      room: { name, memberCount: 1, visibility: "PRIVATE" },
      creator: { username: "ada" },
    });
    for (const who of [bob, bob, ada]) await who.does("acceptInvite", { token: made.token });
    expect(await usesOf(made.link.id)).toBe(1);
    const [cyd, dan] = [seed.user("cyd"), seed.user("dan")];
    await cyd.does("acceptInvite", { token: made.token });
    expect(await codeOf(dan, "acceptInvite", { token: made.token })).toBe("INVITE_ENDED");
    expect(await info(dan, made.token)).toBeNull();
    // Members stay members, however often they use it.
    expect(await codeOf(cyd, "acceptInvite", { token: made.token })).toBe("OK");
  });

  test("is stored only as a hash", async () => {
    await privateRoom();
    const { token } = await link();
    const rows = await database.query<{ row: string }>(`SELECT l::text AS row FROM "InviteLink" l`);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(token).toString("hex"));
  });

  test("expires at its time, and ends when it is revoked", async () => {
    await privateRoom();
    const [short, revoked] = [await link({ expiresInSeconds: 1 }), await link()];
    await ada.does("revokeInviteLink", { linkId: revoked.link.id });
    expect(await codeOf(bob, "acceptInvite", { token: revoked.token })).toBe("NOT_FOUND");
    await eventually(async () => expect(await info(bob, short.token)).toBeNull());
    expect(await codeOf(bob, "acceptInvite", { token: short.token })).toBe("INVITE_ENDED");
    expect(await codeOf(bob, "acceptInvite", { token: "no-such-token" })).toBe("NOT_FOUND");
    expect(await isInside(bob)).toBe(false);
  });

  test("is invalid for banned users and while the room is archived", async () => {
    await privateRoom();
    const { token, link: made } = await link();
    await ada.does("banMember", { roomId: room.id, userId: await idOf(bob) });
    expect(await codeOf(bob, "acceptInvite", { token })).toBe("BANNED");
    await ada.does("archiveRoom", { roomId: room.id });
    expect(await codeOf(seed.user("cyd"), "acceptInvite", { token })).toBe("ARCHIVED");
    expect(await info(bob, token)).toBeNull();
    expect(await usesOf(made.id)).toBe(0);
  });

  test("belongs to the room: moderators see and revoke links of others", async () => {
    await privateRoom();
    const made = await link();
    await bob.does("acceptInvite", { token: made.token });
    const query = `query($id: ID!) { node(id: $id) { ... on InviteLink { id } } }`;
    const id = made.link.id;
    expect(await bob.query(query, { id })).toEqual({ node: null });
    expect(await codeOf(bob, "revokeInviteLink", { linkId: id })).toBe("NOT_FOUND");
    const userId = await idOf(bob);
    await ada.does("setRole", { roomId: room.id, userId, role: "MODERATOR" });
    expect(await bob.query(query, { id })).toEqual({ node: { id } });
    expect(await codeOf(bob, "revokeInviteLink", { linkId: id })).toBe("OK");
  });

  test.for([
    ["removed", "removeMember", {}],
    ["banned", "banMember", {}],
    ["made a plain member", "setRole", { role: "MEMBER" }],
  ] as const)("ends when its creator is %s, and other links stay", async ([, act, input]) => {
    await privateRoom();
    const own = await link();
    const deputy = seed.user(`deputy-${rooms}`);
    const to = { roomId: room.id, userId: await idOf(deputy) };
    await deputy.does("acceptInvite", { token: own.token });
    await ada.does("setRole", { ...to, role: "MODERATOR" });
    const theirs = await link({}, deputy);
    await ada.does(act, { ...to, ...input });
    for (const who of [bob, deputy])
      expect(await codeOf(who, "acceptInvite", { token: theirs.token })).toBe("NOT_FOUND");
    expect(await codeOf(bob, "acceptInvite", { token: own.token })).toBe("OK");
  });

  test("admits exactly the allowed number of twenty parallel users", async () => {
    await privateRoom();
    const made = await link({ maxUses: 5 });
    const people = Array.from({ length: 20 }, (_, n) => seed.user(`runner-${n}`));
    await Promise.all(people.map((person) => person.signsUp()));
    const codes = await Promise.all(
      people.map((person) => codeOf(person, "acceptInvite", { token: made.token })),
    );
    expect(codes.filter((code) => code === "OK")).toHaveLength(5);
    expect(codes.filter((code) => code === "INVITE_ENDED")).toHaveLength(15);
    expect(await usesOf(made.link.id)).toBe(5);
    const inside = await Promise.all(people.map(isInside));
    expect(inside.filter(Boolean)).toHaveLength(5);
  });

  test("cannot be created if the room already has fifty, even in parallel", async () => {
    await privateRoom();
    for (let n = 0; n < 49; n += 1) await link();
    const codes = await Promise.all(
      [1, 2, 3].map(() => codeOf(ada, "createInviteLink", { roomId: room.id })),
    );
    expect(codes.sort()).toEqual(["LIMIT_REACHED", "LIMIT_REACHED", "OK"]);
  });
});
