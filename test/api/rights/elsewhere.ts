import { randomUUID } from "node:crypto";
import { PASSWORD } from "../../kit/client.ts";
import type { Actor } from "../../kit/seed.ts";
import type { Variables } from "../../kit/socket.ts";
import { createsUpload, uploads, type Upload } from "../../kit/uploads.ts";
import { picture } from "../../kit/pictures.ts";
import { SUSPEND } from "../../kit/trust-documents.ts";
import { idOf, type Cast } from "./cast.ts";
import { outcomeOf } from "./words.ts";

/** The client (null without a session), the mutation and its input (null if it takes none). */
export interface ElsewhereCall {
  by: Actor | null;
  input: Variables | null;
}

/** Prepares the subject of a row, for each cell. */
export type PrepareElsewhere = (cast: Cast, actor: string) => Promise<ElsewhereCall>;

const BYTES = Buffer.from("hello");

type Cases = Readonly<Record<string, Readonly<Record<string, PrepareElsewhere>>>>;

/** Cases between `anyone`, or a `blocked` or `blocker` user, and another user. */
const toPerson =
  (before: "nothing" | "follows" | "mutes", wrap = (id: string): Variables => ({ userId: id })) =>
  async (cast: Cast, actor: string): Promise<ElsewhereCall> => {
    const by = cast.person(`acquaintance-${actor}`);
    const other = cast.person("somebody");
    await other.unblocks(by);
    await by.unblocks(other);
    if (before === "follows") await by.follows(other);
    if (before === "mutes") await by.mutes(other);
    if (actor === "blocked") await other.blocks(by);
    if (actor === "blocker") await by.blocks(other);
    return { by, input: wrap(await idOf(other)) };
  };

const toOneself =
  (wrap = (id: string): Variables => ({ userId: id })): PrepareElsewhere =>
  async (cast, actor) => {
    const by = cast.person(`acquaintance-${actor}`);
    return { by, input: wrap(await idOf(by)) };
  };

const toGhost =
  (wrap = (id: string): Variables => ({ userId: id })): PrepareElsewhere =>
  async (cast, actor) => ({
    by: cast.person(`acquaintance-${actor}`),
    input: wrap(await cast.ghostId()),
  });

const people = (
  before: "nothing" | "follows" | "mutes" = "nothing",
  wrap?: (id: string) => Variables,
): Record<string, PrepareElsewhere> => ({
  "a person": toPerson(before, wrap),
  themselves: toOneself(wrap),
  "a deleted account": toGhost(wrap),
});

const reportOf = (userId: string): Variables => ({ userId, reason: "SPAM" });
const directWith = (userId: string): Variables => ({ userIds: [userId] });

/** "Between users": `anyone`, `blocked` and `blocker`. */
export const BETWEEN_PEOPLE: Cases = {
  blockPerson: people(),
  follow: people(),
  mutePerson: people(),
  openDirectMessage: people("nothing", directWith),
  report: people("nothing", reportOf),
  unblockPerson: people(),
  unfollow: people("follows"),
  unmutePerson: people("mutes"),
};

/** An object of `owner`'s that only the owner may withdraw. */
const ofOwner =
  (make: (cast: Cast, owner: Actor) => Promise<Variables>): PrepareElsewhere =>
  async (cast, actor) => {
    const owner = cast.person("keeper");
    const input = await make(cast, owner);
    const by =
      actor === "owner"
        ? owner
        : actor === "administrator"
          ? cast.administrator
          : cast.person(actor);
    await by.signsUp();
    return { by, input };
  };

/** A message with a file, in a room with all three users. */
const fileIn = async (cast: Cast, upload: Pick<Upload, "id">): Promise<Variables> => {
  const room = await cast.person("keeper").createsRoom(`Files ${randomUUID().slice(0, 8)}`);
  await cast.person("another").joins(room);
  await cast.administrator.joins(room);
  return { conversationId: room.id, body: "", attachmentIds: [upload.id] };
};

/** "A user's own objects": the `owner`, `another` user, the `administrator`. */
export const OWN_THINGS: Cases = {
  cancelUpload: {
    "an upload": ofOwner(async (_, owner) => ({
      uploadId: (await createsUpload(owner, "a.txt", 1)).id,
    })),
  },
  deletePost: {
    "a post": ofOwner(async (_, owner) => ({ postId: (await owner.publishes("hello")).post.id })),
  },
  revokeSession: {
    "a session": ofOwner(async (_, owner) => ({
      sessionId: (await (await owner.client()).logIn(owner.username)).session.id,
    })),
  },
  sendMessage: {
    "a file": ofOwner(async (cast, owner) => fileIn(cast, await uploads(owner, "a.txt", BYTES))),
    "a file that has not come": ofOwner(async (cast, owner) =>
      fileIn(cast, await createsUpload(owner, "a.txt", 1)),
    ),
  },
  updateProfile: {
    "a picture": ofOwner(async (_, owner) => ({
      avatarUploadId: (await uploads(owner, "me.png", await picture("png"), "PICTURE")).id,
    })),
    "a picture that has not come": ofOwner(async (_, owner) => ({
      avatarUploadId: (await createsUpload(owner, "me.png", 100, "PICTURE")).id,
    })),
  },
};

const asServer =
  (more: Variables, whom: (cast: Cast, by: Actor) => Promise<string>): PrepareElsewhere =>
  async (cast, actor) => {
    const by = actor === "administrator" ? cast.administrator : cast.person(actor);
    await by.signsUp();
    return { by, input: { userId: await whom(cast, by), ...more } };
  };

const aPerson = async (cast: Cast): Promise<string> => idOf(cast.newcomer());
const aSuspended = async (cast: Cast): Promise<string> => {
  const userId = await idOf(cast.newcomer());
  await cast.administrator.mutate(SUSPEND, { input: { userId, reason: "because" } });
  return userId;
};
const anAdministrator = async (cast: Cast): Promise<string> => {
  const userId = await idOf(cast.newcomer());
  const input = { userId, isAdministrator: true };
  await outcomeOf(await cast.administrator.client(), "setAdministrator", input);
  return userId;
};
const oneself = (_: Cast, by: Actor): Promise<string> => idOf(by);
const aGhost = (cast: Cast): Promise<string> => cast.ghostId();

const toAnyAccount = (more: Variables = {}): Record<string, PrepareElsewhere> => ({
  "a person": asServer(more, aPerson),
  "a suspended person": asServer(more, aSuspended),
  "an administrator": asServer(more, anAdministrator),
  themselves: asServer(more, oneself),
  "a deleted account": asServer(more, aGhost),
});

/** "The server": `anyone` and the `administrator`. */
export const ON_SERVER: Cases = {
  setAdministrator: {
    ...toAnyAccount({ isAdministrator: true }),
    "an administrator, no longer": asServer({ isAdministrator: false }, anAdministrator),
  },
  suspendUser: toAnyAccount({ reason: "because" }),
  unsuspendUser: toAnyAccount(),
};

const own =
  (input: Variables | null): PrepareElsewhere =>
  async (cast, actor) => {
    const by = actor === "administrator" ? cast.administrator : cast.person(actor);
    await by.signsUp();
    return { by, input };
  };

/** Like `own`, with a new account that no later case needs. */
const asNewcomer =
  (input: Variables | null): PrepareElsewhere =>
  async (cast) => {
    const by = cast.newcomer();
    await by.signsUp();
    return { by, input };
  };

const WRONG = "not the password at all";

/** "A user's own account": `anyone`. */
export const OWN_ACCOUNT: Cases = {
  changePassword: {
    "the right password": asNewcomer({
      currentPassword: PASSWORD,
      newPassword: "another good password",
    }),
    "a wrong password": own({ currentPassword: WRONG, newPassword: "another good password" }),
  },
  createRoom: {
    "a room": (cast, actor) => own({ name: `A new room ${randomUUID().slice(0, 8)}` })(cast, actor),
    "an address that is taken": async (cast, actor) => {
      const slug = `taken-${randomUUID().slice(0, 8)}`;
      await cast.person("owner").createsRoom("Taken", { slug });
      return { by: cast.person(actor), input: { name: "Another", slug } };
    },
  },
  createUpload: {
    "a file": own({ fileName: "a.txt", size: 1 }),
    "a file that is too large": own({ fileName: "a.txt", size: 2_000_000_000 }),
  },
  deleteAccount: {
    "the right password": asNewcomer({ password: PASSWORD }),
    "a wrong password": own({ password: WRONG }),
  },
  logOut: { "their session": asNewcomer(null) },
  publish: { "a post": own({ body: "hello, everybody" }) },
  requestDataExport: {
    "the right password": own({ password: PASSWORD }),
    "a wrong password": own({ password: WRONG }),
  },
  setPresence: { themselves: own({ status: "AWAY" }) },
  updateProfile: { themselves: own({ statusText: "here" }) },
};

const stranger =
  (make: (cast: Cast) => Promise<Variables>): PrepareElsewhere =>
  async (cast) => ({ by: null, input: await make(cast) });

const nameOf = async (person: Actor): Promise<string> => {
  await person.signsUp();
  return person.username;
};

/** "Without a session": a `stranger`. All other mutations require a session. */
export const WITHOUT_SESSION: Cases = {
  logIn: {
    "the right password": stranger(async (cast) => ({
      username: await nameOf(cast.person("keeper")),
      password: PASSWORD,
    })),
    "a wrong password": stranger(async (cast) => ({
      username: await nameOf(cast.person("keeper")),
      password: WRONG,
    })),
    "an unknown username": stranger(() =>
      Promise.resolve({ username: "nobody-at-all", password: PASSWORD }),
    ),
    "a suspended person": stranger(async (cast) => {
      const person = cast.newcomer();
      const input = { userId: await idOf(person), reason: "because" };
      await cast.administrator.mutate(SUSPEND, { input });
      return { username: person.username, password: PASSWORD };
    }),
    "a suspended person, a wrong password": stranger(async (cast) => {
      const person = cast.newcomer();
      const input = { userId: await idOf(person), reason: "because" };
      await cast.administrator.mutate(SUSPEND, { input });
      return { username: person.username, password: WRONG };
    }),
  },
  signUp: {
    "a new name": stranger(() =>
      Promise.resolve({ username: `new-${randomUUID().slice(0, 8)}`, password: PASSWORD }),
    ),
    "a name that is taken": stranger(async (cast) => ({
      username: (await nameOf(cast.person("keeper"))).toUpperCase(),
      password: PASSWORD,
    })),
    "a deleted account's name": stranger(async (cast) => ({
      username: `deleted-${Buffer.from(await cast.ghostId(), "base64")
        .toString()
        .slice(5)}`,
      password: PASSWORD,
    })),
  },
};
