import {
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  type SessionPolicy,
} from "../auth/auth.service.ts";
import { ROOM_NAME_MAX_LENGTH } from "../room/room.service.ts";
import { ATTACHMENT_LIMIT } from "../upload/upload.service.ts";
import { USERNAME_MAX_LENGTH } from "../user/user.service.ts";

/** Limits that a client needs to know, for example in forms. */
export interface ServerFacts {
  name: string;
  version: string;
  sessionPolicy: SessionPolicy;
  messageLength: number;
  pageSize: number;
  passwordMinLength: number;
  passwordMaxLength: number;
  usernameMaxLength: number;
  roomNameLength: number;
  /** Maximum number of users in a direct conversation. */
  directPeople: number;
  /** Maximum page size of a user's conversations: a client starts with all of them. */
  conversationPageSize: number;
  /** Maximum number of files of one message. */
  attachments: number;
  /** Maximum size of a file and of a picture, in bytes. */
  fileBytes: number;
  pictureBytes: number;
}

export interface ServerService {
  readonly facts: ServerFacts;
}

/** Facts that the operator decides; the others are constants of the slices. */
export type ServerSettings = Omit<ServerFacts, keyof typeof CONSTANTS>;

const CONSTANTS = {
  passwordMinLength: PASSWORD_MIN_LENGTH,
  passwordMaxLength: PASSWORD_MAX_LENGTH,
  usernameMaxLength: USERNAME_MAX_LENGTH,
  roomNameLength: ROOM_NAME_MAX_LENGTH,
  conversationPageSize: 500,
  attachments: ATTACHMENT_LIMIT,
};

export function makeServerService(settings: ServerSettings): ServerService {
  return { facts: { ...CONSTANTS, ...settings } };
}
