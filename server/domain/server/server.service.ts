import {
  PASSWORD_MAX_LENGTH,
  PASSWORD_MIN_LENGTH,
  type SessionPolicy,
} from "../auth/auth.service.ts";
import { ROOM_NAME_MAX_LENGTH } from "../room/room.service.ts";
import { ATTACHMENT_LIMIT } from "../upload/upload.service.ts";
import { USERNAME_MAX_LENGTH } from "../user/user.service.ts";

/** What a client must know before it draws a form. */
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
  /** Most people of a direct conversation. */
  directPeople: number;
  /** Most conversations of one page: a client starts with all of them. */
  conversationPageSize: number;
  /** Most files of one message. */
  attachments: number;
  /** Largest file and largest picture, in bytes. */
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
