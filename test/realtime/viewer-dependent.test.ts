import { CachedSession } from "../../server/domain/session/session.store.ts";
import {
  execute,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
  type GraphQLCompositeType,
  type GraphQLField,
} from "graphql";
import { beforeAll, expect, test } from "vitest";
import { makeMessageStore } from "../../server/domain/message/message.store.ts";
import { messageReference } from "../../server/domain/message/message.events.ts";
import { postReference } from "../../server/domain/post/post.events.ts";
import { userReference } from "../../server/domain/user/user.events.ts";
import { makeUserStore } from "../../server/domain/user/user.store.ts";
import { makePostStore } from "../../server/domain/post/post.store.ts";
import type { Context } from "../../server/graphql/context.ts";
import { prepareLoaders } from "../../server/graphql/loaders.ts";
import { makeCompiler } from "../../server/graphql/operation.ts";
import { createModules, eventDefinitions, loaderFactories } from "../../server/modules.ts";
import { schema } from "../../server/schema.ts";
import { makeSoloBus } from "../../server/infra/bus/solo-bus.ts";
import { openDatabase, type Database } from "../../server/infra/database/database.ts";
import { NotAllowedError } from "../../server/kernel/errors.ts";
import { makeLogger } from "../../server/kernel/logger.ts";
import type { StreamEvent } from "../../server/log/event.ts";
import { makeLogStore } from "../../server/log/log-store.ts";
import { loadedBy } from "../../server/log/reference.ts";
import { readConfig } from "../../server/config.ts";
import { systemClock } from "../../server/kernel/clock.ts";
import { PASSWORD } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { picture } from "../kit/pictures.ts";
import { sendsFiles, uploads } from "../kit/uploads.ts";
import { onRelease } from "../kit/resources.ts";
import { seedOn } from "../kit/seed.ts";
import { startServer } from "../kit/server.ts";
import { DELETE_ACCOUNT, REPORT } from "../kit/trust-documents.ts";

type Services = Context["services"];
type Viewer = NonNullable<Context["viewer"]>;

/** Depth of selections below an event. */
const DEPTH = 4;
/** Timeout for some thousand executions, in milliseconds: a busy machine needs minutes. */
const PATIENT = { timeout: 600_000 };

/** Services that take the id of any user, so that their use does not depend on the viewer. */
const ABOUT_ANY_USER = new Set(["presence.now", "presence.lastSeen"]);

/** The only source of information about the viewer, so that each use is detected. */
class Witness {
  viewer: Viewer;
  /** Whether anything has read the viewer. */
  hasReadViewer = false;

  constructor(viewer: Viewer) {
    this.viewer = viewer;
  }

  /** Wraps the services to detect calls on the viewer's behalf. */
  watch(services: Partial<Services>): Services {
    const watched = Object.entries(services).map(([name, service]) => [
      name,
      this.#watchOne(name, service),
    ]);
    return Object.fromEntries(watched) as Services;
  }

  #watchOne(serviceName: string, service: object): unknown {
    return new Proxy(service, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        if (ABOUT_ANY_USER.has(`${serviceName}.${String(name)}`)) return member;
        return (...parameters: unknown[]): unknown => {
          if (JSON.stringify(parameters).includes(this.viewer.user.id)) this.hasReadViewer = true;
          return Reflect.apply(member, target, parameters);
        };
      },
    });
  }

  context(services: Services): Context {
    const look = (): Viewer => {
      this.hasReadViewer = true;
      return this.viewer;
    };
    const makeLoaders = prepareLoaders(loaderFactories);
    let loaders = makeLoaders(services, this.viewer);
    const renew = (fresh: Context["loaders"]): void => {
      // The root field passes the viewer to new loaders; only their use counts.
      this.hasReadViewer = false;
      loaders = fresh;
    };
    return {
      get viewer() {
        return look();
      },
      address: "",
      device: "",
      services,
      get loaders() {
        return loaders;
      },
      set loaders(fresh) {
        renew(fresh);
      },
      makeLoaders,
      requestId: "test",
      setSessionCookie: () => undefined,
    };
  }
}

let witness: Witness;
let services: Services;
/** Stored events of every type. */
let events: StreamEvent[];

beforeAll(async () => {
  const testDatabase = await createDatabase();
  const server = await startServer({ databaseUrl: testDatabase.url });
  const seed = seedOn(server);
  const [ada, ben, observer] = ["ada", "ben", "observer"].map((name) => seed.user(name));
  if (!ada || !ben || !observer) throw new Error("the test needs three users");
  // The first account administers the server, so no later operation is rejected.
  const witnessing = seed.user("witness");
  await witnessing.signsUp();
  const room = await observer.createsRoom("Room");
  await witnessing.joins(room);
  await ada.joins(room);
  await ben.joins(room);
  const first = await ada.says(room, "hello");
  await ben.says(room, "hello yourself", { replyToId: first.id });
  await ada.edits(first, "hello there");
  await ben.reacts(first, "🎉");
  await ada.reacts(first, "🎉");
  await ben.unreacts(first, "🎉");
  await observer.pins(first);
  await observer.unpins(first);
  const { id } = await uploads(ada, "cat.png", await picture("png"));
  await sendsFiles(ada, room, [id]);
  const profile = { displayName: "Ada", statusText: "Counting" };
  await ada.mutate(
    "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }",
    { input: profile },
  );
  await ada.deletes(await ada.says(room, "never mind"));
  await ada.follows(ben);
  await ada.mutes(ben);
  await ada.unmutes(ben);
  await ben.publishes("to whom it may concern");
  await ben.deletesPost((await ben.publishes("never mind")).post);
  await ada.unfollows(ben);
  await ada.blocks(ben);
  await ada.unblocks(ben);
  await ada.opensDirect(ben, observer);
  await ben.says(room, "aside, @ada", { threadRootId: first.id });
  await observer.followsThread(first);
  await observer.drafts(room, "to be contin");
  await observer.schedules(room, "later", 3_600_000);
  await ben.wantsNotified(room, { level: "MENTIONS" });
  await ben.leaves(room);
  await ben.mutate("mutation { logOut { __typename } }");
  const input = { messageId: first.id, reason: "SPAM" };
  await observer.mutate(REPORT, { input });
  const leaver = seed.user("leaver");
  await ada.joins(await leaver.createsRoom("Left behind"));
  await leaver.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });

  const closed = await observer.createsRoom("Closed later");
  const updateRoom = `mutation($input: UpdateRoomInput!) { updateRoom(input: $input) { __typename } }`;
  await observer.mutate(updateRoom, { input: { roomId: closed.id, visibility: "PRIVATE" } });
  const { invite } = await observer.mutate<{ invite: { id: string } }>(
    `mutation($input: InviteToRoomInput!) { inviteToRoom(input: $input) { ... on InviteToRoomPayload { invite { id } } } }`,
    { input: { roomId: closed.id, userId: (await ben.signsUp()).user.id } },
  );
  await observer.mutate(
    `mutation($input: RevokeInviteInput!) { revokeInvite(input: $input) { __typename } }`,
    { input: { inviteId: invite.id } },
  );
  // Makes the witness owner of every room, so that no field is rejected.
  await testDatabase.query(
    `INSERT INTO "Membership" (id, "conversationId", "userId", "joinedPosition")
     SELECT gen_random_uuid(), c.id, u.id, 0 FROM "Conversation" c, "User" u WHERE u.username = 'witness'
     ON CONFLICT DO NOTHING`,
  );
  await testDatabase.query(
    `UPDATE "Membership" m SET role = 'OWNER' FROM "User" u WHERE u.id = m."userId" AND u.username = 'witness'`,
  );

  const database = openDatabase({ url: testDatabase.url, size: 4 });
  onRelease(() => database.close());
  services = await compose(database, "witness");
  const loaders = [
    loadedBy(messageReference, makeMessageStore(database).findByIds),
    loadedBy(postReference, makePostStore(database).findByIds),
    loadedBy(
      userReference,
      async (ids) =>
        new Map((await makeUserStore(database).findByIds(ids)).map((user) => [user.id, user])),
    ),
  ];
  const store = makeLogStore({
    database,
    definitions: eventDefinitions,
    embedded: [userReference],
    loaderOf: (reference) => {
      const loader = loaders.find((other) => other.reference === reference);
      if (loader === undefined) throw new Error(`${reference.idField} has no loader`);
      return loader.load;
    },
  });
  const logged = await store.readAll(0, 1_000);
  const at = new Date();
  events = [
    // No event shows the witness, so a use of that id means a use of the viewer.
    ...logged.flatMap(({ event }) =>
      event === null || JSON.stringify(event).includes(witness.viewer.user.id) ? [] : event,
    ),
    { type: "READY", position: 1, at },
    { type: "HEARTBEAT", position: 1, at },
    { type: "EVENT_GAP", position: 1, at, reason: "EXPIRED" },
  ];
});

/** Creates the services that events may call, watched on behalf of a user. */
async function compose(database: Database, username: string): Promise<Services> {
  const user = await database.prisma.user.findUniqueOrThrow({ where: { usernameKey: username } });
  const session = await database.prisma.session.findFirstOrThrow({ where: { userId: user.id } });
  witness = new Witness({ user, session: new CachedSession(session) });
  return witness.watch(
    createModules({
      config: readConfig({}),
      database,
      bus: makeSoloBus(),
      redis: null,
      logger: makeLogger({ level: "silent" }),
      clock: systemClock,
      instanceId: "test",
    }).services,
  );
}

const isMarked = (field: GraphQLField<unknown, unknown>): boolean =>
  field.extensions["viewerDependent"] === true;

/** Builds every path of fields below a type as selections; none continues below a marked field. */
function selectionsOf(type: GraphQLCompositeType, depth: number): string[] {
  const fields = "getFields" in type ? Object.values(type.getFields()) : [];
  const own = fields.flatMap((field) => {
    const required = field.args.filter(isRequiredArgument).map(({ name }) => name);
    if (required.length > 0) throw new Error(`${field.name} needs ${required.join(", ")}`);
    const below = getNamedType(field.type);
    if (!isCompositeType(below)) return [field.name];
    if (depth === 0 || isMarked(field)) return [`${field.name} { __typename }`];
    return selectionsOf(below, depth - 1).map((selection) => `${field.name} { ${selection} }`);
  });
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const ofOthers = possible.flatMap((object) =>
    selectionsOf(object, depth).map((selection) => `... on ${object.name} { ${selection} }`),
  );
  return [...own, ...ofOthers];
}

test("the seeded events include every event type", () => {
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([...eventDefinitions.types, "READY", "HEARTBEAT", "EVENT_GAP"]),
  );
});

test("no event with viewer-dependent fields can be shared", PATIENT, async () => {
  const limits = { depth: 20, aliases: 50, cost: 50_000, pageSize: 100 };
  const compile = makeCompiler({ schema, introspection: true, limits });
  const eventType = schema.getType("Event");
  if (!isAbstractType(eventType)) throw new Error("Event is an interface");
  const looking = new Set<string>();
  const shared: string[] = [];
  let tried = 0;
  for (const type of schema.getPossibleTypes(eventType).filter(isObjectType)) {
    for (const selection of selectionsOf(type, DEPTH)) {
      const source = `subscription { events { __typename ... on ${type.name} { ${selection} } } }`;
      const { document, errors, viewerDependent } = compile(source);
      expect(errors, source).toEqual([]);
      for (const rootValue of events) {
        witness.hasReadViewer = false;
        const contextValue = witness.context(services);
        const result = await execute({ schema, document, rootValue, contextValue });
        // Not every viewer may see every field, so rejections depend on the viewer, too.
        const unexpected = result.errors?.filter(
          ({ originalError }) => !(originalError instanceof NotAllowedError),
        );
        expect(unexpected ?? [], source).toEqual([]);
        if (!witness.hasReadViewer) continue;
        looking.add(selection);
        if (!viewerDependent) shared.push(source);
      }
      tried += 1;
    }
  }
  expect(shared).toEqual([]);
  expect(tried).toBeGreaterThan(50);
  // Proves that the witness detects uses of the viewer.
  for (const field of [
    "unreadCount",
    "viewerMembership",
    "lastMessage",
    "members",
    "messages",
    "pinnedMessages",
    "viewerReacted",
    "unreadMentionCount",
    "viewerMark",
    "receipts",
    "notifications",
    "edits",
    "viewerMentioned",
    "viewerFollowsThread",
    "viewerDraft",
    "threads",
    "threadReplies",
  ]) {
    expect([...looking].some((selection) => selection.includes(field))).toBe(true);
  }
});
