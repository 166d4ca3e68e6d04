import { request, type IncomingHttpHeaders } from "node:http";
import { payload } from "./client.ts";
import type { ChatMessage, Room, TypedError } from "./documents.ts";
import type { Actor } from "./seed.ts";
import type { Endpoint } from "./socket.ts";

export const CREATE_UPLOAD = /* GraphQL */ `
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) {
      __typename
      ... on CreateUploadPayload {
        upload {
          id
          url
          fileName
          size
          expiresAt
        }
      }
      ... on Error {
        code
        message
      }
      ... on FileTooLargeError {
        maxBytes
      }
      ... on InvalidInputError {
        fields {
          field
          code
        }
      }
    }
  }
`;

export interface Upload {
  id: string;
  url: string;
  fileName: string;
  size: number;
  expiresAt: string;
}

const ATTACHMENT = /* GraphQL */ `
  fragment File on Attachment {
    id
    name
    mediaType
    size
    url
    picture {
      width
      height
      isAnimated
      preview
      thumbnail {
        url
        width
        height
      }
    }
  }
`;

export interface Attachment {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  url: string;
  picture: {
    width: number;
    height: number;
    isAnimated: boolean;
    preview: string;
    thumbnail: { url: string; width: number; height: number };
  } | null;
}

export type MessageWithFiles = ChatMessage & { attachments: Attachment[] };

export const SEND_FILES = /* GraphQL */ `
  mutation SendFiles($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessagePayload {
        cursor
        sentMessage {
          id
          body
          seq
          attachments {
            ...File
          }
        }
      }
      ... on Error {
        code
        message
      }
      ... on InvalidInputError {
        fields {
          field
          code
        }
      }
    }
  }
  ${ATTACHMENT}
`;

/** Messages with their files, by id. */
export const FILES_OF = /* GraphQL */ `
  query FilesOf($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Message {
        id
        body
        deletedAt
        attachments {
          ...File
        }
      }
    }
  }
  ${ATTACHMENT}
`;

/** The content type of upload bytes. */
export const BYTES = "application/offset+octet-stream";

export type SentFiles =
  | { __typename: "SendMessagePayload"; cursor: string; sentMessage: MessageWithFiles }
  | (TypedError & { fields?: { field: string; code: string }[] });

/** Creates the upload of a file. */
export async function createsUpload(
  person: Actor,
  fileName: string,
  size: number,
  purpose: "MESSAGE" | "PICTURE" = "MESSAGE",
): Promise<Upload> {
  type Answer = { __typename: "CreateUploadPayload"; upload: Upload } | TypedError;
  const input = { fileName, size, purpose };
  return payload(await person.mutate<Answer>(CREATE_UPLOAD, { input })).upload;
}

/** Sends bytes to the URL of an upload. Returns the server's response. */
export async function sendsBytes(
  person: Actor,
  upload: Pick<Upload, "url">,
  bytes: Uint8Array,
  offset = 0,
  headers: Record<string, string> = {},
): Promise<Response> {
  const client = await person.client();
  return client.fetch(upload.url, {
    method: "PATCH",
    headers: { "content-type": BYTES, "upload-offset": String(offset), ...headers },
    body: new Uint8Array(bytes),
  });
}

/** Creates the upload of a file and sends all its bytes. @throws if it is rejected */
export async function uploads(
  person: Actor,
  fileName: string,
  bytes: Uint8Array,
  purpose: "MESSAGE" | "PICTURE" = "MESSAGE",
): Promise<Upload> {
  const upload = await createsUpload(person, fileName, bytes.length, purpose);
  const response = await sendsBytes(person, upload, bytes);
  if (response.status !== 204) {
    throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  }
  return upload;
}

/** Sends a message with files and returns any outcome. */
export function triesToSend(
  person: Actor,
  room: Pick<Room, "id">,
  attachmentIds: readonly string[],
  input: Record<string, unknown> = {},
): Promise<SentFiles> {
  const all = { conversationId: room.id, body: "", attachmentIds, ...input };
  return person.mutate<SentFiles>(SEND_FILES, { input: all });
}

/** Sends a message with files. @throws if it is rejected */
export async function sendsFiles(
  person: Actor,
  room: Pick<Room, "id">,
  attachmentIds: readonly string[],
  input: Record<string, unknown> = {},
): Promise<MessageWithFiles> {
  return payload(await triesToSend(person, room, attachmentIds, input)).sentMessage;
}

/** Returns the received bytes of an upload. */
export async function offsetOf(person: Actor, upload: Pick<Upload, "url">): Promise<number> {
  const response = await (await person.client()).fetch(upload.url, { method: "HEAD" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return Number(response.headers.get("upload-offset"));
}

export interface RawReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Sends a request whose body consists of the given pieces, with exactly these headers. */
export function streams(
  endpoint: Endpoint,
  path: string,
  headers: Record<string, string>,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<RawReply> {
  const base = typeof endpoint === "string" ? endpoint : endpoint.url;
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, base), { method: "PATCH", headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const { statusCode: status = 0, headers } = incoming;
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on("error", reject);
    void (async () => {
      for await (const piece of pieces) {
        if (outgoing.destroyed) return;
        if (!outgoing.write(piece)) {
          await new Promise<void>((go) => {
            const on = (): void => {
              outgoing.off("drain", on).off("close", on);
              go();
            };
            outgoing.on("drain", on).on("close", on);
          });
        }
      }
      outgoing.end();
    })().catch(reject);
  });
}
