import { VERSION } from "../../version.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makeServerService, type ServerService } from "./server.service.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "../auth/auth.service.ts";
import { ROOM_NAME_MAX_LENGTH } from "../room/room.service.ts";
import { ATTACHMENT_LIMIT } from "../upload/upload.service.ts";
import { USERNAME_MAX_LENGTH } from "../user/user.service.ts";
import "./server.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    server: ServerService;
  }
}

/** Most conversations of one page: a client starts with all of them. */
const CONVERSATION_PAGE_SIZE = 500;

export const serverModule = defineModule({
  name: "server",
  create: ({ config, uploads }: Needs<"uploads">) => ({
    services: {
      server: makeServerService({
        name: config.SERVER_NAME,
        version: VERSION,
        sessionPolicy: config.SESSION_POLICY,
        messageLength: config.MESSAGE_MAX_LENGTH,
        pageSize: config.PAGE_SIZE_MAX,
        passwordMinLength: PASSWORD_MIN_LENGTH,
        passwordMaxLength: PASSWORD_MAX_LENGTH,
        usernameMaxLength: USERNAME_MAX_LENGTH,
        roomNameLength: ROOM_NAME_MAX_LENGTH,
        directPeople: config.DIRECT_MAX_PEOPLE,
        conversationPageSize: CONVERSATION_PAGE_SIZE,
        attachments: ATTACHMENT_LIMIT,
        fileBytes: uploads.limits.fileBytes,
        pictureBytes: uploads.limits.pictureBytes,
      }),
    },
  }),
});
