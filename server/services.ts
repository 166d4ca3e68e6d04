import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./domain/auth/auth.policy.ts";
import { makeAuditLogService } from "./domain/audit-log/audit-log.service.ts";
import { ROOM_NAME_MAX_LENGTH } from "./domain/room/room.service.ts";
import { makeServerService } from "./domain/server/server.service.ts";
import { ATTACHMENT_LIMIT } from "./domain/upload/upload.service.ts";
import { USERNAME_MAX_LENGTH } from "./domain/user/user.service.ts";
import { makeAccounts } from "./composition/accounts.ts";
import { makeFiles, type Files } from "./composition/files.ts";
import { makeFoundation, type Foundation } from "./composition/foundation.ts";
import type { Parts } from "./composition/parts.ts";
import { makePeople } from "./composition/people.ts";
import { makeRooms } from "./composition/rooms.ts";
import { makeTalk, type Talk } from "./composition/talk.ts";
import type { Services } from "./graphql/services.ts";
import { VERSION } from "./version.ts";

const CONVERSATION_PAGE_SIZE = 500;

/** Composes everything that resolvers may call. Nothing runs before the `start` of log, signals, live sessions and the sender of scheduled messages. */
export function makeServices(
  parts: Parts,
): Services &
  Pick<Foundation, "rates" | "liveSessions"> &
  Pick<Files, "sweep"> &
  Pick<Talk, "scheduleSender"> {
  const { config } = parts;
  const foundation = makeFoundation(parts);
  const files = makeFiles({ parts, made: foundation });
  const talk = makeTalk({ parts, made: { ...foundation, ...files } });
  const made = { ...foundation, ...files, ...talk };
  const rooms = makeRooms({ parts, made });
  const people = makePeople({ parts, made });
  const accounts = makeAccounts({ parts, made: { ...made, ...rooms, ...people } });
  const { uploads } = files;
  const server = makeServerService({
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
  });

  const { audit, admin, conversations } = foundation;
  return {
    ...made,
    ...rooms,
    ...people,
    ...accounts,
    auditLog: makeAuditLogService({ audit, admin, conversations }),
    server,
  };
}
