import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService } from "../message/message.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import type { ReportRecord } from "./report.store.ts";

/** The subject of a report; exactly one of these fields is set. */
export interface ReportTarget {
  messageId: string | null;
  userId: string | null;
  roomId: string | null;
}

/** The subject of a report as it is stored. */
export type ReportSubject = Pick<
  ReportRecord,
  "subject" | "subjectId" | "conversationId" | "accusedId"
>;

export interface ReportTargetService {
  /** Finds a message or room that the viewer may see, or a user. @throws InvalidInputError NotFoundError */
  find(viewerId: string, target: ReportTarget): Promise<ReportSubject>;
}

export interface ReportTargetServiceOptions {
  users: UserService;
  messages: MessageService;
  conversations: ConversationService;
}

export function makeReportTargetService(options: ReportTargetServiceOptions): ReportTargetService {
  const { users, messages, conversations } = options;
  return {
    find: async (viewerId, { messageId, userId, roomId }) => {
      if ([messageId, userId, roomId].filter((id) => id !== null).length !== 1) {
        const message = "Set exactly one of message, user and room.";
        throw new InvalidInputError([{ field: "messageId", code: "INVALID_VALUE", message }]);
      }
      if (messageId !== null) {
        const { conversationId, authorId } = await messages.requireRights(viewerId, messageId);
        return { subject: "MESSAGE", subjectId: messageId, conversationId, accusedId: authorId };
      }
      if (userId !== null) {
        const user = await users.byId(userId);
        if (user === null || isDeleted(user)) throw new NotFoundError("person");
        return { subject: "USER", subjectId: userId, conversationId: null, accusedId: userId };
      }
      const id = roomId ?? "";
      const { kind } = await conversations.requireVisible(viewerId, id, "room");
      if (kind !== "ROOM") throw new NotFoundError("room");
      return { subject: "ROOM", subjectId: id, conversationId: id, accusedId: null };
    },
  };
}
