export type { AccountApi, LoggedIn } from "./account-api.ts";
export { backoffMs, type BackoffOptions } from "./backoff.ts";
export { makeClientId } from "./client-id.ts";
export type { ConversationApi, SendTarget } from "./conversation-api.ts";
export {
  ClosedError,
  ForbiddenError,
  isRetryable,
  NetworkError,
  ParleyError,
  RequestError,
  type ResponseError,
  SessionEndedError,
  TypedError,
  type TypedErrorData,
  UnauthenticatedError,
} from "./errors.ts";
export * from "./generated/errors.ts";
export type {
  ChangePasswordInput,
  ConversationKind,
  CreateRoomInput,
  DeliveredMarkInput,
  EventType,
  GapReason,
  LogInInput,
  NotificationLevel,
  Role,
  RoomSort,
  SessionPolicy,
  SignUpInput,
  Visibility,
} from "./generated/graphql.ts";
export { type Execute, type ExecutionResult, type HttpOptions, makeExecute } from "./http.ts";
export type { MessageApi } from "./message-api.ts";
export { createParley, type EventsOptions, type Parley, type ParleyOptions } from "./parley.ts";
export {
  type Connection,
  type ConnectionOptions,
  type ConnectionStatus,
  makeConnection,
  type OperationSink,
} from "./realtime/connection.ts";
export {
  type AnyEvent,
  type EventsResult,
  type EventStream,
  type EventStreamOptions,
  makeEventStream,
  type Yielded,
} from "./realtime/event-stream.ts";
export { followMarks, type MarksResult, type MarkStreamOptions } from "./realtime/mark-stream.ts";
export type { OperationPayload } from "./realtime/protocol.ts";
export type { SocketTimes } from "./realtime/socket.ts";
export type { WebSocketConstructor, WebSocketLike } from "./realtime/websocket.ts";
export type { AnyDocument, DocumentTypes, PrintDocument, TypedDocument } from "./typed-document.ts";
export { type ErrorAnswer, type Success, typedError, unwrap } from "./typed-result.ts";
export type {
  Membership,
  Message,
  NotificationSettings,
  OwnMark,
  Page,
  PageOptions,
  ParleyEvent,
  Ref,
  Room,
  Server,
  Session,
  User,
  Viewer,
} from "./types.ts";
