import { builder } from "../../graphql/builder.ts";
import { isDeleted } from "./user.service.ts";
import { globalId, registerNode } from "../../graphql/node.ts";
import type { UserRecord } from "./user.record.ts";

export const UserType = builder.prismaObject("User", {
  description: "A user.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (user) => globalId("User", user.id) }),
    username: t.exposeString("username", {
      description: "The username: unique and case-insensitive. `@` mentions use it.",
    }),
    displayName: t.exposeString("displayName", {
      description: "The displayed name.",
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      description: "Time of the sign-up.",
    }),
    isDeleted: t.boolean({
      description:
        "Whether the account was deleted. The user's messages remain under an anonymous name.",
      resolve: (user) => isDeleted(user),
    }),
    statusText: t.string({
      nullable: true,
      description: "The user's status text; null for none.",
      resolve: (user) => user.statusText ?? null,
    }),
    changedAt: t.field({
      type: "DateTime",
      nullable: true,
      description:
        "When name, picture or status last changed; null if never. Of two versions of a user, the one with the later time is current.",
      resolve: (user) => user.changedAt ?? null,
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    User: UserRecord;
  }
}

registerNode("User", async (ids, context) => {
  const byId = new Map((await context.services.users.byIds(ids)).map((user) => [user.id, user]));
  return ids.map((id) => byId.get(id) ?? null);
});

builder.queryField("user", (t) =>
  t.field({
    type: UserType,
    nullable: true,
    authScopes: { signedIn: true },
    args: {
      username: t.arg.string({
        required: true,
        description: "Case-insensitive: `Ada` and `ada` are the same.",
      }),
    },
    description: 'A user by username: `user(username: "ada") { displayName }`.',
    resolve: (_parent, args, context) => context.services.users.byUsername(args.username),
  }),
);
