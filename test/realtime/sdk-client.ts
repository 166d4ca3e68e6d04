import { createParley, type ParleyEvent, type Parley } from "@parley/sdk";
import { onRelease } from "../kit/resources.ts";
import type { Endpoint } from "../kit/socket.ts";

export interface SdkClientOptions {
  name: string;
  token: string;
  /** The only URL that the program knows. */
  endpoint: Endpoint;
}

/** A program on the SDK, which reconnects and resumes. */
export class SdkClient {
  readonly name: string;
  /** All events from the SDK. */
  readonly received: ParleyEvent[] = [];
  readonly problems: Error[] = [];
  readonly #parley: Parley;

  constructor({ name, token, endpoint }: SdkClientOptions) {
    this.name = name;
    const { url } = typeof endpoint === "string" ? { url: endpoint } : endpoint;
    this.#parley = createParley({ url: `${url}/graphql`, token });
    onRelease(() => this.#parley.close());
  }

  /** Follows the events after `after`. */
  start(after: string): void {
    const follow = async (): Promise<void> => {
      for await (const event of this.#parley.events({ after })) this.received.push(event);
    };
    follow().catch((error: unknown) => {
      this.problems.push(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** Sends with the SDK's retries; resolves when the message is acknowledged. */
  async send(conversationId: string, body: string): Promise<void> {
    await this.#parley.sendMessage(conversationId, body);
  }
}
