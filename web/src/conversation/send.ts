import { NetworkError, RequestError, unwrap } from "@parley/sdk";
import type { OutboxItem } from "@parley/sdk/state";
import type { Client } from "@urql/core";
import { SEND_MESSAGE } from "./documents.ts";
import type { StoredMessage } from "./room-source.ts";

/**
 * Sends an outbox item. Its `clientId` makes repeated sends safe.
 *
 * @returns the message as the server stored it
 * @throws ParleyError whose `retryable` says whether a retry may help
 */
export async function sendItem(
  client: Pick<Client, "mutation">,
  item: OutboxItem,
): Promise<StoredMessage> {
  const { conversationId, body, clientId } = item;
  const input = { conversationId, body, clientId };
  const response = await client.mutation(SEND_MESSAGE, { input }).toPromise();
  if (response.data) return unwrap(response.data.sendMessage).sentMessage;
  if (response.error && response.error.graphQLErrors.length > 0) {
    throw new RequestError(
      response.error.graphQLErrors.map(({ message, extensions }) => ({ message, extensions })),
    );
  }
  throw new NetworkError("Couldn't reach the server.", response.error?.networkError);
}
