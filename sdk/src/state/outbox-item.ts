/** A message that waits to be sent. Immutable: a state change replaces the object. */
export interface OutboxItem {
  /** Identifies the message on the server too, so that repeated sends store it once. */
  readonly clientId: string;
  readonly conversationId: string;
  readonly body: string;
  readonly replyToId?: string | undefined;
  /** Increases from item to item. Roughly the queueing time, in milliseconds since 1970. */
  readonly order: number;
  /** `queued` items wait for their turn or a retry. `failed` items wait for `Outbox.retry`. */
  readonly state: "queued" | "sending" | "failed";
  /** Number of failed attempts. */
  readonly attempts: number;
  /** Reason of the last failure. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}
