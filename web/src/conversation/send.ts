import { NetworkError, RequestError, unwrap } from "@parley/sdk";
import type { OutboxItem } from "@parley/sdk/state";
import type { Client } from "@urql/core";
import { SEND_MESSAGE } from "./documents.ts";
import type { StoredMessage } from "./room-source.ts";

/**
 * Sends what the outbox holds. The item's `clientId` makes it safe to send twice.
 *
 * @returns the message as the server stored it
 * @throws ParleyError that says whether another try may help
 */
export async function sendItem(
  client: Pick<Client, "mutation">,
  item: OutboxItem,
): Promise<StoredMessage> {
  const { conversationId, body, clientId } = item;
  const input = { conversationId, body, clientId };
  const answer = await client.mutation(SEND_MESSAGE, { input }).toPromise();
  if (answer.data) return unwrap(answer.data.sendMessage).sentMessage;
  if (answer.error && answer.error.graphQLErrors.length > 0) {
    throw new RequestError(
      answer.error.graphQLErrors.map(({ message, extensions }) => ({ message, extensions })),
    );
  }
  throw new NetworkError("The server cannot be reached.", answer.error?.networkError);
}
