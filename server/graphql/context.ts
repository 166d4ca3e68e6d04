import type { AuthService } from "../domain/auth/auth.service.ts";
import type { SessionService, Viewer } from "../domain/auth/session.service.ts";
import type { ConversationService } from "../domain/conversation/conversation.service.ts";
import type { MessageService } from "../domain/message/message.service.ts";
import type { RoomService } from "../domain/room/room.service.ts";
import type { ServerService } from "../domain/server/server.service.ts";
import type { UserService } from "../domain/user/user.service.ts";
import type { Log } from "../log/log.ts";
import type { Loaders } from "./loaders.ts";

/** What resolvers may call. */
export interface Services {
  auth: AuthService;
  sessions: SessionService;
  users: UserService;
  conversations: ConversationService;
  rooms: RoomService;
  messages: MessageService;
  server: ServerService;
  log: Log;
}

/** What is known of whoever asks, before any resolver runs. */
export interface Caller {
  viewer: Viewer | null;
  /** The person's network address. */
  address: string;
  /** What the client calls itself: its User-Agent. */
  device: string;
}

export interface Context extends Caller {
  services: Services;
  loaders: Loaders;
  requestId: string;
  /** Puts the session into the browser's cookie, or takes it out with null. Nothing happens over a socket. */
  setSessionCookie: (token: string | null, expiresAt?: Date) => void;
}
