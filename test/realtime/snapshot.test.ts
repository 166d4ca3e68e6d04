import { beforeAll, expect, test } from "vitest";
import { client, payload, PASSWORD, type TestClient } from "../kit/client.ts";
import type { ChatMessage, Room, SessionPayload, TypedError } from "../kit/documents.ts";
import { REVOKE_SESSION } from "../kit/documents.ts";
import { eventually } from "../kit/eventually.ts";
import { ADD_REACTION } from "../kit/message-documents.ts";
import { DELETE_ACCOUNT, REPORT, RESOLVE_REPORT } from "../kit/trust-documents.ts";
import { picture } from "../kit/pictures.ts";
import { sendsFiles, uploads } from "../kit/uploads.ts";
import { describeWith } from "../kit/needs.ts";
import { INVITE_TO_ROOM, type InvitePayload } from "../kit/room-documents.ts";
import { seedOn, type Actor, type Seed } from "../kit/seed.ts";
import { CANCEL_SCHEDULED, EDIT_SCHEDULED } from "../kit/writing-documents.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { NO_FEED } from "./feed.ts";
import { readSnapshot } from "./snapshot.ts";
import { bringUpToDate, changes, verifyAction, type Observer } from "./verify-action.ts";

const UPDATE_PROFILE = /* GraphQL */ `
  mutation UpdateProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      __typename
      ... on Error {
        message
      }
    }
  }
`;
const LOG_OUT = "mutation { logOut { __typename } }";
const CHANGE_PASSWORD = /* GraphQL */ `
  mutation Change($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on ChangePasswordPayload {
        token
        revokedSessions
      }
    }
  }
`;

describeWith("redis-server", "a snapshot and the events after it equal a fresh snapshot", () => {
  let cluster: Cluster;
  let seed: Seed;
  let people: Record<"actor" | "member" | "stranger" | "marker", Actor>;
  let room: Room;
  let lobby: Pick<Room, "id">;
  /** All affected users: actor, members and outsiders. */
  let observers: Observer[];

  const observerOf = async (actor: Actor): Promise<Observer> => {
    const its = await actor.client();
    return { name: actor.username, client: () => its };
  };

  beforeAll(async () => {
    cluster = await startCluster({
      ANNOUNCE_MEMBERS_MAX: "200",
      // A fresh snapshot selects everything in one operation.
      OPERATION_COST: "10000000",
    });
    seed = seedOn(cluster.a);
    people = {
      actor: seed.user("actor"),
      member: seed.user("member"),
      stranger: seed.user("stranger"),
      marker: seed.user("marker"),
    };
    for (const person of Object.values(people)) await person.signsUp();
    room = await people.actor.createsRoom("Known");
    await people.member.joins(room);
    await people.member.says(room, "to begin with");
    const data = await people.marker.query<{ server: { lobby: { id: string } } }>(
      "{ server { lobby { id } } }",
    );
    lobby = data.server.lobby;
    const { actor, member, stranger } = people;
    observers = await Promise.all([actor, member, stranger].map(observerOf));
  });

  const verify = (action: () => Promise<unknown>, who: Observer[] = observers): Promise<void> =>
    verifyAction(who, action, {
      replayOn: cluster.b,
      marker: () => people.marker.says(lobby, "ding"),
    });

  test("after signUp, for existing users", () => verify(() => seed.user("new").signsUp()));

  test("after signUp, for the new user", async () => {
    const { cursor, snapshot } = await readSnapshot(await people.stranger.client());
    const { token } = await seed.user("newer").signsUp();
    const newer = client(cluster.a).as(token);
    const fresh = await readSnapshot(newer);
    const stream = await changes(newer, cursor);
    // The lobby has its state at the time of the event, so the marker must follow it.
    await stream.next(({ __typename }) => __typename === "MemberJoined");
    await people.marker.says(lobby, "ding");
    const { userId, sessions } = fresh.snapshot;
    const nothing = {
      unread: { messages: 0, mentions: 0, conversations: 0, badge: 0 },
      conversations: [],
      threads: [],
      mentions: [],
      drafts: [],
      scheduled: [],
      invites: [],
      reports: [],
      feed: NO_FEED,
    };
    const blank = { ...nothing, userId, sessions, rooms: snapshot.rooms };
    expect(await bringUpToDate(blank, stream, fresh.cursor)).toEqual(fresh.snapshot);
    expect(fresh.snapshot.conversations).toHaveLength(1);
  });

  test("after createRoom of a public room", () =>
    verify(() => people.actor.createsRoom("Open", { topic: "All are welcome" })));

  test("after createRoom of a private room", () =>
    verify(() => people.actor.createsRoom("Closed", { visibility: "PRIVATE" })));

  test("after follow of a user with posts, and later posts", async () => {
    const { actor, member, stranger } = people;
    await member.publishes("before anybody followed");
    await verify(() => actor.follows(member));
    await verify(async () => {
      await stranger.via(cluster.b).follows(actor);
      await actor.follows(stranger);
      await member.via(cluster.b).publishes("to one follower");
      await stranger.publishes("to another");
      await actor.publishes("to a third");
      await actor.follows(member);
    });
  });

  test("after unfollow", async () => {
    const { actor, member, stranger } = people;
    await stranger.publishes("will be gone from a timeline");
    await verify(async () => {
      await actor.via(cluster.b).unfollows(stranger);
      await stranger.publishes("to nobody");
      await actor.follows(stranger);
      await member.unfollows(stranger);
      await stranger.unfollows(actor);
    });
  });

  test("after publish and deletePost, including repeated ones", async () => {
    const { actor, member } = people;
    const { post } = await member.publishes("will be deleted");
    const clientId = crypto.randomUUID();
    await verify(async () => {
      await member.publishes("once", { clientId });
      await member.via(cluster.b).publishes("twice", { clientId });
      await member.via(cluster.b).deletesPost(post);
      await member.deletesPost(post);
      const { post: own } = await actor.publishes("never mind");
      await actor.via(cluster.b).deletesPost(own);
      await Promise.all(
        Array.from({ length: 10 }, (_, number) =>
          (number % 2 === 0 ? actor : member.via(cluster.b)).publishes(`post ${number}`),
        ),
      );
    });
  });

  test("after mutePerson and unmutePerson", async () => {
    const { actor, member, stranger } = people;
    await verify(async () => {
      await actor.mutes(member);
      await member.publishes("to deaf ears");
      await actor.mutes(stranger);
    });
    await verify(async () => {
      await actor.via(cluster.b).unmutes(member);
      await member.publishes("heard again");
    });
    await verify(async () => {
      await actor.unfollows(stranger);
      await actor.unmutes(stranger);
      await actor.mutes(stranger);
      await actor.via(cluster.b).follows(stranger);
      await stranger.publishes("not heard");
    });
  });

  test("after openDirectMessage, by one and by several users", async () => {
    const { actor, member, stranger } = people;
    await verify(() => actor.opensDirect(member));
    await verify(async () => {
      await actor.opensDirect(member);
      await member.via(cluster.b).opensDirect(actor);
      await stranger.opensDirect();
    });
    await verify(() =>
      Promise.all([
        actor.opensDirect(member, stranger),
        member.via(cluster.b).opensDirect(stranger, actor),
      ]),
    );
  });

  test("after the first message of a direct conversation, and later ones", async () => {
    const { actor, member, stranger } = people;
    const direct = await actor.opensDirect(stranger);
    const group = await actor.opensDirect(member, stranger);
    await verify(() => actor.says(direct, "hello"));
    await verify(() =>
      Promise.all([
        stranger.via(cluster.b).says(direct, "hello yourself"),
        actor.says(group, "hello, both of you"),
        actor.says(group, "are you there?"),
      ]),
    );
    const notebook = await member.opensDirect();
    await verify(async () => {
      const message = await member.says(notebook, "a note");
      await member.via(cluster.b).edits(message, "a better note");
      await stranger.reacts(await stranger.says(group, "yes"), "🎉");
    });
  });

  test("after blockPerson and unblockPerson", async () => {
    const { actor, member, stranger } = people;
    await actor.follows(stranger);
    await stranger.follows(actor);
    await stranger.publishes("not for everybody");
    await verify(async () => {
      await actor.blocks(stranger);
      await actor.via(cluster.b).blocks(member);
      await stranger.publishes("not for whoever blocks");
    });
    await verify(async () => {
      await actor.unblocks(stranger);
      await actor.unblocks(member);
      await actor.via(cluster.b).follows(stranger);
    });
  });

  test("after joinRoom", async () => {
    const other = await people.stranger.createsRoom("Joined");
    await people.member.joins(other);
    await people.member.says(other, "before");
    await verify(() => people.actor.joins(other));
  });

  test("after joinRoom and later events", async () => {
    const other = await people.stranger.createsRoom("Joined and used");
    await verify(async () => {
      await people.actor.joins(other);
      await people.member.via(cluster.b).joins(other);
      await people.stranger.says(other, "welcome");
      await people.actor.via(cluster.b).says(other, "thanks");
    });
  });

  test("after leaveRoom", async () => {
    const other = await people.member.createsRoom("Left");
    await people.actor.joins(other);
    await people.member.says(other, "unread");
    await verify(() => people.actor.leaves(other));
  });

  test("after leaveRoom of a private room", async () => {
    const other = await people.actor.createsRoom("Left for good", { visibility: "PRIVATE" });
    await verify(() => people.actor.leaves(other));
  });

  test("after leaving and rejoining", async () => {
    const other = await people.member.createsRoom("Left and back");
    await people.actor.joins(other);
    await verify(async () => {
      await people.actor.leaves(other);
      await people.member.says(other, "missed");
      await people.actor.joins(other);
    });
  });

  test("after sendMessage", () => verify(() => people.actor.says(room, "hello")));

  test("after parallel sendMessage by several users on both instances", () =>
    verify(() =>
      Promise.all(
        Array.from({ length: 20 }, (_, number) => {
          const person = number % 2 === 0 ? people.actor : people.member;
          const endpoint = number % 3 === 0 ? cluster.a : cluster.b;
          return person.via(endpoint).says(room, `message ${number}`);
        }),
      ),
    ));

  test("after a repeated sendMessage", () => {
    const clientId = crypto.randomUUID();
    return verify(async () => {
      await people.actor.says(room, "once", { clientId });
      await people.actor.via(cluster.b).says(room, "once", { clientId });
    });
  });

  test("after editMessage of the last message and of one with a reply", async () => {
    const answered = await people.actor.says(room, "helo");
    await people.member.says(room, "answer", { replyToId: answered.id });
    const last = await people.actor.says(room, "wrld");
    await verify(async () => {
      await people.actor.edits(answered, "hello");
      await people.actor.via(cluster.b).edits(last, "world");
      await people.actor.edits(last, "world!");
    });
  });

  test("after deleteMessage of the last message, a pinned one and one with a reply", async () => {
    const answered = await people.member.says(room, "answered");
    await people.member.reacts(answered, "🎉");
    await people.actor.says(room, "answer", { replyToId: answered.id });
    const pinned = await people.member.says(room, "pinned");
    await people.actor.pins(pinned);
    const last = await people.member.says(room, "last");
    await verify(async () => {
      await people.actor.deletes(answered);
      await people.member.via(cluster.b).deletes(pinned);
      await people.actor.deletes(last);
      await people.actor.deletes(last);
    });
  });

  test("after editing and deleting a message sent after the snapshot", () =>
    verify(async () => {
      const message = await people.actor.says(room, "a secret");
      await people.member.says(room, "answer", { replyToId: message.id });
      await people.actor.edits(message, "still a secret");
      await people.actor.via(cluster.b).deletes(message);
    }));

  test("after sendMessage with files, and deleteMessage of one", async () => {
    const old = await uploads(people.actor, "old.png", await picture("png"));
    const deleted = await sendsFiles(people.actor, room, [old.id], { body: "old" });
    await people.member.says(room, "answer", { replyToId: deleted.id });
    const files = [
      await uploads(people.actor, "new.png", await picture("png")),
      await uploads(people.actor, "new.txt", Buffer.from("new")),
    ];
    await verify(async () => {
      await sendsFiles(
        people.actor.via(cluster.b),
        room,
        files.map(({ id }) => id),
      );
      await people.actor.deletes(deleted);
    });
  });

  test("after updateProfile, wherever the user is shown", async () => {
    const message = await people.actor.says(room, "who am I?");
    await people.member.says(room, "you!", { replyToId: message.id });
    const update = (input: object): Promise<unknown> =>
      people.actor.mutate(UPDATE_PROFILE, { input });
    const { id } = await uploads(people.actor, "me.png", await picture("png"), "PICTURE");
    await verify(async () => {
      await update({ displayName: "Somebody else", statusText: "new here" });
      await update({ avatarUploadId: id });
      await people.actor.says(room, "this is me");
    });
    await verify(() => update({ avatarUploadId: null, statusText: null }));
  });

  test("after deleteMessage of read and unread messages", async () => {
    const other = await people.member.createsRoom("Half read");
    await people.actor.joins(other);
    const messages: ChatMessage[] = [];
    for (const text of ["one", "two", "three", "four"])
      messages.push(await people.member.says(other, text));
    await people.actor.reads(other, 2);
    await verify(async () => {
      for (const message of messages) await people.member.via(cluster.b).deletes(message);
      await people.member.says(other, "five");
    });
  });

  test("after setNotifications, for one's own devices only", async () => {
    await people.member.says(room, "something to be notified of");
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await verify(async () => {
      await people.actor.wantsNotified(room, { level: "MENTIONS" });
      await people.actor
        .via(cluster.b)
        .wantsNotified(room, { level: "NOTHING", mutedUntil: later });
      await people.actor.wantsNotified(room, { level: "NOTHING", mutedUntil: later });
    });
    await verify(() => people.actor.wantsNotified(room, { level: "ALL" }));
  });

  test("after addReaction and removeReaction", async () => {
    const message = await people.member.says(room, "react!");
    await people.member.says(room, "answer", { replyToId: message.id });
    await people.actor.reacts(message, "👀");
    await verify(async () => {
      await people.actor.reacts(message, "🎉");
      await people.member.via(cluster.b).reacts(message, "🎉");
      await people.actor.unreacts(message, "👀");
      await people.member.unreacts(message, "❤️");
    });
  });

  test("after pinMessage and unpinMessage", async () => {
    const [one, two, three] = [
      await people.member.says(room, "one"),
      await people.actor.says(room, "two"),
      await people.actor.says(room, "three"),
    ];
    await people.actor.pins(one);
    await verify(async () => {
      await people.actor.pins(two);
      await people.actor.via(cluster.b).pins(three);
      await people.actor.unpins(one);
      await people.actor.edits(two, "two, better");
    });
  });

  test("after parallel changes of several messages by several users", async () => {
    const messages: ChatMessage[] = [];
    for (const text of ["one", "two", "three", "four"]) {
      const first = messages[0];
      const options = first === undefined ? {} : { replyToId: first.id };
      messages.push(await people.actor.says(room, text, options));
    }
    await verify(() =>
      Promise.all(
        messages.flatMap((message, index) => {
          const [near, far] = [people.actor.via(cluster.a), people.actor.via(cluster.b)];
          return [
            near.pins(message),
            far.reacts(message, "🎉"),
            people.member.via(cluster.b).reacts(message, "🎉"),
            index === 0 ? near.edits(message, "changed") : far.edits(message, "changed, too"),
          ];
        }),
      ),
    );
    await verify(() =>
      Promise.all(
        messages.flatMap((message) => [
          people.actor.via(cluster.a).deletes(message),
          people.member
            .via(cluster.b)
            .mutate(ADD_REACTION, { input: { messageId: message.id, emoji: "👀" } }),
        ]),
      ),
    );
  });

  /** Creates a room of the actor's with the member in it. */
  async function shared(name: string, visibility: "PUBLIC" | "PRIVATE"): Promise<Room> {
    const made = await people.actor.createsRoom(name);
    await people.member.joins(made);
    if (visibility === "PRIVATE")
      await people.actor.does("updateRoom", { roomId: made.id, visibility });
    return made;
  }

  const idOf = async (person: Actor): Promise<string> => (await person.signsUp()).user.id;

  test.for(["PUBLIC", "PRIVATE"] as const)("after updateRoom of a %s room", async (visibility) => {
    const { id: roomId } = await shared(`Changing ${visibility}`, visibility);
    const { actor } = people;
    await verify(async () => {
      await actor.does("updateRoom", { roomId, name: "Changed", topic: "new" });
      await actor.via(cluster.b).does("updateRoom", { roomId, slowModeSeconds: 30 });
      await actor.does("updateRoom", { roomId, topic: null, slug: `changed-${visibility}` });
      await actor.does("updateRoom", { roomId, topic: null });
    });
  });

  test("after a public room becomes private, and a private one public", async () => {
    const [closing, opening] = [
      await shared("Closing", "PUBLIC"),
      await shared("Opening", "PRIVATE"),
    ];
    await verify(async () => {
      const [closed, open] = [{ visibility: "PRIVATE" }, { visibility: "PUBLIC" }];
      await people.actor.does("updateRoom", { roomId: closing.id, ...closed });
      await people.actor.does("updateRoom", { roomId: closing.id, name: "Secret name" });
      await people.actor.via(cluster.b).does("updateRoom", { roomId: opening.id, ...open });
      await people.actor.does("updateRoom", { roomId: opening.id, topic: "Come in" });
    });
  });

  test("after a new public room becomes private, public and private", () =>
    verify(async () => {
      const { id: roomId } = await people.actor.createsRoom("To and fro");
      for (const visibility of ["PRIVATE", "PUBLIC", "PRIVATE"])
        await people.actor.does("updateRoom", { roomId, visibility, topic: visibility });
    }));

  test("after archiveRoom and unarchiveRoom", async () => {
    const [one, two] = [await shared("Archived", "PUBLIC"), await shared("Reopened", "PRIVATE")];
    await people.actor.does("archiveRoom", { roomId: two.id });
    await verify(async () => {
      await people.actor.does("archiveRoom", { roomId: one.id });
      await people.actor.via(cluster.b).does("unarchiveRoom", { roomId: two.id });
      await people.actor.does("unarchiveRoom", { roomId: two.id });
    });
  });

  test("after setRole, transferOwnership, muteMember and unmuteMember", async () => {
    const { id: roomId } = await shared("Roles", "PUBLIC");
    await people.stranger.joins({ id: roomId });
    const [userId, other] = [await idOf(people.member), await idOf(people.stranger)];
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await verify(async () => {
      await people.actor.does("setRole", { roomId, userId, role: "MODERATOR" });
      await people.member.does("muteMember", { roomId, userId: other, until });
      await people.actor.via(cluster.b).does("transferOwnership", { roomId, userId });
      await people.member.does("muteMember", { roomId, userId: await idOf(people.actor), until });
      await people.member.does("unmuteMember", { roomId, userId: other });
    });
  });

  test.for(["PUBLIC", "PRIVATE"] as const)(
    "after removeMember and banMember in a %s room",
    async (visibility) => {
      for (const act of ["removeMember", "banMember"]) {
        const made = await shared(`${act} ${visibility}`, visibility);
        const userId = await idOf(people.member);
        await people.member.says(made, "before");
        await verify(async () => {
          await people.actor.via(cluster.b).does(act, { roomId: made.id, userId });
          await people.actor.says(made, "after");
          await people.actor.does("updateRoom", { roomId: made.id, name: `After ${act}` });
        });
      }
    },
  );

  test("after inviteToRoom, acceptInvite, declineInvite and revokeInvite", async () => {
    const rooms = [];
    for (const name of ["Asked 1", "Asked 2", "Asked 3", "Asked 4"])
      rooms.push(await shared(name, "PRIVATE"));
    const userId = await idOf(people.stranger);
    const asks = async ({ id: roomId }: Room): Promise<string> =>
      payload(
        await people.actor.mutate<InvitePayload | TypedError>(INVITE_TO_ROOM, {
          input: { roomId, userId },
        }),
      ).invite.id;
    const [accepted, declined, revoked, waiting] = rooms;
    if (!accepted || !declined || !revoked || !waiting) throw new Error("four rooms were made");
    const earlier = await asks(declined);
    await verify(async () => {
      const inviteId = await asks(accepted);
      await asks(waiting);
      await people.stranger.via(cluster.b).does("acceptInvite", { inviteId });
      await people.stranger.says(accepted, "here I am");
      await people.stranger.does("declineInvite", { inviteId: earlier });
      await people.actor.does("revokeInvite", { inviteId: await asks(revoked) });
    });
  });

  test("after replies in a new and in an existing thread", async () => {
    const [fresh, known] = [
      await people.actor.says(room, "a question"),
      await people.member.says(room, "another"),
    ];
    await people.member.says(room, "an answer", { threadRootId: known.id });
    await people.actor.pins(known);
    await verify(async () => {
      await people.member.says(room, "one", { threadRootId: fresh.id });
      await people.actor.via(cluster.b).says(room, "two", { threadRootId: fresh.id });
      await people.actor.says(room, "three", { threadRootId: known.id, replyToId: fresh.id });
    });
  });

  test("after changes of replies and of root messages", async () => {
    const root = await people.actor.says(room, "the beginning");
    const [first, second] = [
      await people.member.says(room, "first", { threadRootId: root.id }),
      await people.actor.says(room, "second", { threadRootId: root.id }),
    ];
    await people.actor.says(room, "aside", { replyToId: root.id });
    await verify(async () => {
      await people.actor.via(cluster.b).deletes(second);
      await people.member.edits(first, "first, better");
      await people.actor.deletes(root);
      await people.member.says(room, "still here", { threadRootId: root.id });
      await people.member.via(cluster.b).deletes(first);
    });
  });

  test("after followThread and unfollowThread", async () => {
    const root = await people.member.says(room, "to follow");
    const own = await people.actor.says(room, "my own");
    await people.member.says(room, "reply", { threadRootId: root.id });
    await verify(async () => {
      await people.actor.followsThread(root);
      await people.member.via(cluster.b).unfollowsThread(root);
      await people.actor.unfollowsThread(own);
      await people.member.says(room, "reply", { threadRootId: own.id });
    });
  });

  test("after messages with mentions, edited and deleted", async () => {
    const gone = await people.member.says(room, "@actor, look");
    await verify(async () => {
      const one = await people.actor.says(room, "hello @member and @stranger");
      await people.member.says(room, "@room: hello");
      await people.actor.via(cluster.b).edits(one, "hello, all the same");
      await people.member.edits(gone, "@here, look");
      await people.member.deletes(gone);
    });
  });

  test("after saveDraft, in a conversation and in a thread", async () => {
    const root = await people.member.says(room, "to answer");
    await people.actor.drafts(lobby, "first");
    await people.actor.drafts(room, "in the room");
    await verify(async () => {
      await people.actor.via(cluster.b).drafts(room, "in the room, more");
      await people.actor.drafts(room, "in the thread", { threadRootId: root.id });
      await people.actor.drafts(lobby, "");
      await people.actor.drafts(room, "in the room, all of it", { replyToId: root.id });
    });
  });

  test("after scheduleMessage, editScheduledMessage and cancelScheduledMessage", async () => {
    const [later, never] = [
      await people.actor.schedules(room, "later", 3_600_000),
      await people.actor.schedules(room, "never", 3_600_000),
    ];
    await verify(async () => {
      await people.actor.via(cluster.b).schedules(room, "much later", 7_200_000);
      await people.actor.mutate(EDIT_SCHEDULED, {
        input: { scheduledMessageId: later.id, body: "later, better" },
      });
      await people.actor
        .via(cluster.b)
        .mutate(CANCEL_SCHEDULED, { input: { scheduledMessageId: never.id } });
    });
  });

  test("after a scheduled message was sent", () =>
    verify(async () => {
      await people.actor.schedules(room, "on time", 300);
      await eventually(async () => {
        const { snapshot } = await readSnapshot(await people.actor.client());
        const known = snapshot.conversations.find(({ id }) => id === room.id);
        expect(known?.lastMessage?.body).toBe("on time");
        expect(snapshot.scheduled.some((planned) => planned.body === "on time")).toBe(false);
      });
    }));

  test("after deleteAccount of a user with a room, messages and reactions", async () => {
    const leaver = seed.user("leaver");
    const own = await leaver.createsRoom("Left behind");
    await people.member.joins(own);
    await leaver.joins(room);
    const said = await leaver.says(room, "goodbye");
    await people.actor.says(room, "come back", { replyToId: said.id });
    await leaver.reacts(await people.member.says(room, "farewell"), "👋");
    await leaver.says(own, "all yours");
    await verify(() => leaver.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } }));
  });

  test("after deleteAccount of a user with follows, posts and direct messages", async () => {
    const { actor, member, stranger } = people;
    const leaver = seed.user("public-leaver");
    for (const person of [actor, member]) {
      await person.follows(leaver);
      await leaver.follows(person);
    }
    await actor.mutes(leaver);
    await leaver.publishes("my last words");
    await leaver.says(await leaver.opensDirect(actor), "only for you");
    await stranger.opensDirect(leaver, member);
    await stranger.blocks(leaver);
    await verify(() => leaver.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } }));
  });

  test("after report and resolveReport, for reviewers and others", async () => {
    const own = await people.member.createsRoom("Kept in order");
    await people.stranger.joins(own);
    const said = await people.stranger.says(own, "spam, spam, spam");
    let reportId = "";
    await verify(async () => {
      const input = { messageId: said.id, reason: "SPAM" };
      const { report } = payload(
        await people.member.mutate<{ __typename: string; report: { id: string } }>(REPORT, {
          input,
        }),
      );
      reportId = report.id;
    });
    await verify(() =>
      people.actor.mutate(RESOLVE_REPORT, { input: { reportId, resolution: "DISMISSED" } }),
    );
  });

  async function secondDevice(): Promise<{ session: SessionPayload; device: TestClient }> {
    const session = await client(cluster.b).logIn(people.actor.username);
    return { session, device: client(cluster.b).as(session.token) };
  }

  test("after logOut of another device", async () => {
    const { device } = await secondDevice();
    await verify(() => device.mutate(LOG_OUT));
  });

  test("after revokeSession of another device", async () => {
    const { session } = await secondDevice();
    const input = { sessionId: session.session.id };
    await verify(async () => people.actor.mutate(REVOKE_SESSION, { input }));
  });

  test("after changePassword, which ends the other sessions", async () => {
    await secondDevice();
    let own = await people.actor.client();
    const [, ...others] = observers;
    await verify(async () => {
      const input = { currentPassword: PASSWORD, newPassword: "a better password" };
      const changed = payload(
        await own.mutate<{ __typename: string; token: string; revokedSessions: number }>(
          CHANGE_PASSWORD,
          { input },
        ),
      );
      expect(changed.revokedSessions).toBe(1);
      own = own.as(changed.token);
    }, [{ name: "actor", client: () => own }, ...others]);
  });
});
