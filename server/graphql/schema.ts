import type { GraphQLSchema } from "graphql";
import "./scalars.ts";
import "./errors.ts";
import "./node.ts";
import "../domain/user/user.schema.ts";
import "../domain/auth/session.schema.ts";
import "../domain/auth/auth.schema.ts";
import "../domain/conversation/conversation.schema.ts";
import "../domain/room/room.schema.ts";
import "../domain/message/message.schema.ts";
import "../domain/message/change.schema.ts";
import "../domain/reaction/reaction.schema.ts";
import "../domain/upload/upload.schema.ts";
import "../domain/upload/attachment.schema.ts";
import "../domain/user/profile.schema.ts";
import "../domain/auth/session-events.schema.ts";
import "../domain/conversation/membership-events.schema.ts";
import "../domain/room/room-events.schema.ts";
import "../domain/message/message-events.schema.ts";
import "../domain/reaction/reaction-events.schema.ts";
import "../domain/user/user-events.schema.ts";
import "../domain/event/control-events.schema.ts";
import "../domain/event/event.schema.ts";
import "../domain/server/server.schema.ts";
import { builder } from "./builder.ts";

/** The whole API. Every file above adds its part when it is imported. */
export const schema: GraphQLSchema = builder.toSchema({ sortSchema: true });
