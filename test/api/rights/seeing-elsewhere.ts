import type { Actor } from "../../kit/seed.ts";
import { SUSPEND } from "../../kit/trust-documents.ts";
import { idOf, type Cast } from "./cast.ts";
import { byId, type ReadCase } from "./seeing.ts";

/** Prepares a read of an object of the user `shown`, who has blocked the `blocked` user. */
export type PrepareElsewhere = (cast: Cast, shown: Actor) => Promise<ReadCase>;

const list = (document: string, mark: string): ReadCase => ({ document, variables: {}, mark });

/** Objects outside conversations. */
export const ABOUT_PEOPLE: Readonly<Record<string, Readonly<Record<string, PrepareElsewhere>>>> = {
  node: {
    Post: async (_, shown) => byId((await shown.publishes("to everybody")).post.id),
    Session: async (_, shown) => byId((await shown.signsUp()).session.id),
    User: async (_, shown) => byId(await idOf(shown)),
    "User, deleted": async (cast) => byId(await cast.ghostId()),
    "Report, of a person": async (cast, shown) => {
      const input = { userId: await idOf(shown), reason: "SPAM" };
      type Answer = { report: { report: { id: string } } };
      const { report } = await cast
        .person("witness")
        .query<Answer>(
          `mutation($input: ReportInput!) { report(input: $input) { ... on ReportPayload { report { id } } } }`,
          { input },
        );
      return byId(report.report.id);
    },
  },
  auditLog: {
    "of the server": () =>
      Promise.resolve(
        list("{ auditLog(first: 1) { edges { node { __typename } } } }", "AuditEntry"),
      ),
  },
  server: { "its name": () => Promise.resolve(list("{ server { name } }", "Parley")) },
  suspensions: {
    "a person": async (cast) => {
      const person = cast.newcomer();
      const input = { userId: await idOf(person), reason: "because" };
      await cast.administrator.mutate(SUSPEND, { input });
      return list("{ suspensions(first: 10) { edges { node { user { id } } } } }", input.userId);
    },
  },
  user: {
    "a person": async (_, shown) => ({
      document: "query($name: String!) { user(username: $name) { id } }",
      variables: { name: shown.username },
      mark: await idOf(shown),
    }),
  },
  users: {
    "a person": async (_, shown) => ({
      document: "query($name: String!) { users(search: $name) { edges { node { id } } } }",
      variables: { name: shown.username },
      mark: await idOf(shown),
    }),
  },
  viewer: {
    themselves: () => Promise.resolve(list("{ viewer { user { __typename } } }", "User")),
    isAdministrator: () =>
      Promise.resolve({
        document: "{ viewer { isAdministrator } }",
        variables: {},
        mark: "isAdministrator",
      }),
  },
  User: {
    posts: async (_, shown) => ({
      document:
        "query($id: ID!) { node(id: $id) { ... on User { posts(first: 10) { edges { node { id } } } } } }",
      variables: { id: await idOf(shown) },
      mark: (await shown.publishes("to all")).post.id,
    }),
    followers: async (cast, shown) => {
      await cast.person("witness").follows(shown);
      return {
        document:
          "query($id: ID!) { node(id: $id) { ... on User { followers(first: 10) { edges { node { username } } } } } }",
        variables: { id: await idOf(shown) },
        mark: "witness",
      };
    },
    following: async (cast, shown) => {
      await shown.follows(cast.person("witness"));
      return {
        document:
          "query($id: ID!) { node(id: $id) { ... on User { following(first: 10) { edges { node { username } } } } } }",
        variables: { id: await idOf(shown) },
        mark: "witness",
      };
    },
  },
};
