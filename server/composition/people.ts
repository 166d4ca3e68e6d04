import { makeFollowService } from "../domain/follow/follow.service.ts";
import { makePostService } from "../domain/post/post.service.ts";
import { makePresenceService } from "../domain/presence/presence.service.ts";
import { makePresenceStore } from "../domain/presence/presence.store.ts";
import { makeTypingService } from "../domain/typing/typing.service.ts";
import { makeProfileService } from "../domain/user/profile.service.ts";
import { makeUserSearchService } from "../domain/user/user-search.service.ts";
import { makeUserSearchStore } from "../domain/user/user-search.store.ts";
import type { Services } from "../graphql/services.ts";
import type { Parts } from "./parts.ts";
import type { Foundation } from "./foundation.ts";
import type { Talk } from "./talk.ts";
import type { Files } from "./files.ts";

/** What people are to each other, and whether they are there. */
export type People = Pick<
  Services,
  "userSearch" | "follows" | "posts" | "profiles" | "typing" | "presence"
>;

export interface PeopleOptions {
  parts: Parts;
  made: Foundation & Files & Talk;
}

/** Makes what people are to each other. */
export function makePeople({ parts, made }: PeopleOptions): People {
  const { config, database, logger, clock } = parts;
  const {
    activity,
    blocks,
    conversations,
    followStore,
    log,
    postStore,
    rates,
    liveSessions,
    signals,
    uploads,
    userStore,
    users,
  } = made;

  const userSearch = makeUserSearchService(makeUserSearchStore(database));
  const follows = makeFollowService({ store: followStore, users, blocks, log, rates });
  const posts = makePostService({
    store: postStore,
    blocks,
    log,
    clock,
    rates,
    bodyLength: config.MESSAGE_MAX_LENGTH,
  });
  const profiles = makeProfileService({ store: userStore, uploads, log, clock });
  const typing = makeTypingService({ signals, activity, log, clock, rates });
  const presence = makePresenceService({
    store: makePresenceStore(database),
    liveSessions,
    users,
    conversations,
    activity,
    signals,
    log,
    clock,
    logger,
    ttlMs: config.PRESENCE_TTL_SECONDS * 1_000,
    idleMs: config.PRESENCE_IDLE_SECONDS * 1_000,
  });

  return { userSearch, follows, posts, profiles, typing, presence };
}
