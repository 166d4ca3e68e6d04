import { builder } from "../../graphql/builder.ts";
import { RoomType } from "../room/room.schema.ts";
import type { ServerFacts } from "./server.service.ts";

const SessionPolicyEnum = builder.enumType("SessionPolicy", {
  description: "What happens at a second log-in of one person.",
  values: {
    MULTIPLE: { value: "multiple", description: "It is allowed: any number of sessions." },
    REJECT: { value: "reject", description: "It is refused while the first session is alive." },
    REPLACE: { value: "replace", description: "It ends the first session." },
  } as const,
});

const ServerLimits = builder.objectRef<ServerFacts>("ServerLimits").implement({
  description: "How long and how many: what a client must know before it draws a form.",
  fields: (t) => ({
    messageLength: t.exposeInt("messageLength", {
      description: "Longest message, in UTF-16 code units.",
    }),
    pageSize: t.exposeInt("pageSize", {
      description: "Most items of one page; a larger `first` or `last` is cut to it.",
    }),
    passwordMinLength: t.exposeInt("passwordMinLength", {
      description: "Shortest password, in characters.",
    }),
    passwordMaxLength: t.exposeInt("passwordMaxLength", {
      description: "Longest password, in characters.",
    }),
    usernameMaxLength: t.exposeInt("usernameMaxLength", {
      description: "Longest username, in characters.",
    }),
    roomNameLength: t.exposeInt("roomNameLength", {
      description: "Longest name of a room, in characters.",
    }),
    directPeople: t.exposeInt("directPeople", {
      description: "Most people of a direct conversation, you included.",
    }),
    attachments: t.exposeInt("attachments", { description: "Most files of one message." }),
    fileBytes: t.exposeInt("fileBytes", { description: "Maximum size of a file, in bytes." }),
    pictureBytes: t.exposeInt("pictureBytes", {
      description: "Maximum size of an uploaded picture, in bytes.",
    }),
  }),
});

const ServerType = builder.objectRef<ServerFacts>("Server").implement({
  description: "This server.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "What its operator calls it." }),
    version: t.exposeString("version", { description: "The version of Parley that it runs." }),
    sessionPolicy: t.expose("sessionPolicy", {
      type: SessionPolicyEnum,
      description: "Whether one may be logged in twice.",
    }),
    limits: t.field({ type: ServerLimits, description: "Its limits.", resolve: (facts) => facts }),
    lobby: t.field({
      type: RoomType,
      nullable: true,
      description: "The room that everyone joins; null without a session.",
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
