/** A message that waits to be sent. Replaced, never changed, when its state changes. */
export interface OutboxItem {
  /** Identifies the message on the server too: however often it is sent, there is one. */
  readonly clientId: string;
  readonly conversationId: string;
  readonly body: string;
  readonly replyToId?: string | undefined;
  /** Grows from item to item; about the time of queueing, in milliseconds since 1970. */
  readonly order: number;
  readonly state: "queued" | "sending" | "failed";
  /** How many times it has been tried in vain. */
  readonly attempts: number;
  /** Why it failed or waits. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}
