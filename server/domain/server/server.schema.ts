import { builder } from "../../graphql/builder.ts";
import { RoomType } from "../room/room.schema.ts";
import type { ServerFacts } from "./server.service.ts";

const SessionPolicyEnum = builder.enumType("SessionPolicy", {
  description: "The policy for a second log-in of the same user.",
  values: {
    MULTIPLE: { value: "multiple", description: "Allowed: any number of sessions." },
    REJECT: { value: "reject", description: "Rejected while the first session is alive." },
    REPLACE: { value: "replace", description: "Ends the first session." },
  } as const,
});

const ServerLimits = builder.objectRef<ServerFacts>("ServerLimits").implement({
  description: "Limits that a client needs to know, for example in forms.",
  fields: (t) => ({
    messageLength: t.exposeInt("messageLength", {
      description: "Maximum length of a message, in UTF-16 code units.",
    }),
    pageSize: t.exposeInt("pageSize", {
      description:
        "Maximum number of items in a page; a larger `first` or `last` is reduced to it.",
    }),
    passwordMinLength: t.exposeInt("passwordMinLength", {
      description: "Minimum length of a password, in characters.",
    }),
    passwordMaxLength: t.exposeInt("passwordMaxLength", {
      description: "Maximum length of a password, in characters.",
    }),
    usernameMaxLength: t.exposeInt("usernameMaxLength", {
      description: "Maximum length of a username, in characters.",
    }),
    roomNameLength: t.exposeInt("roomNameLength", {
      description: "Maximum length of a room's name, in characters.",
    }),
    directPeople: t.exposeInt("directPeople", {
      description: "Maximum number of users in a direct conversation, including you.",
    }),
    attachments: t.exposeInt("attachments", {
      description: "Maximum number of files of one message.",
    }),
    fileBytes: t.exposeInt("fileBytes", { description: "Maximum size of a file, in bytes." }),
    pictureBytes: t.exposeInt("pictureBytes", {
      description: "Maximum size of an uploaded picture, in bytes.",
    }),
  }),
});

const ServerType = builder.objectRef<ServerFacts>("Server").implement({
  description: "This server.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its name, chosen by the operator." }),
    version: t.exposeString("version", { description: "Its version of Parley." }),
    sessionPolicy: t.expose("sessionPolicy", {
      type: SessionPolicyEnum,
      description: "The policy for a second log-in.",
    }),
    limits: t.field({ type: ServerLimits, description: "Its limits.", resolve: (facts) => facts }),
    lobby: t.field({
      type: RoomType,
      nullable: true,
      description: "The room that all users join at sign-up; null without a session.",
      resolve: (_facts, _args, context) =>
        context.viewer === null ? null : context.services.rooms.lobby(),
    }),
  }),
});

builder.queryField("server", (t) =>
  t.field({
    type: ServerType,
    description:
      "Name, version, limits and policies. Needs no session: `{ server { name version } }`.",
    resolve: (_parent, _args, context) => context.services.server.facts,
  }),
);
