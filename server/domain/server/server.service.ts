import type { SessionPolicy } from "../auth/auth.service.ts";

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

export function makeServerService(facts: ServerFacts): ServerService {
  return { facts };
}
