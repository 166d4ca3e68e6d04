import type { OpenInto, OpenStream } from "../../graphql/stream-field.ts";
import type { SharedOperation } from "../../delivery/group.ts";
import type { Connection } from "./connection.ts";
import { FrameSink } from "./frame-sink.ts";
import type { Operation } from "./operation.ts";

/** A subscription to a stream of the log or of signals; its frames go directly to the socket. */
export class StreamOperation extends FrameSink<SharedOperation> implements Operation {
  before: Operation | null = null;
  readonly #connection: Connection;
  #stream: OpenStream | null = null;
  #isOver = false;

  /** @param group the joined group; left when the operation ends */
  constructor(connection: Connection, id: string, group: SharedOperation) {
    super(connection.outbox, id, group);
    this.#connection = connection;
  }

  open(open: OpenInto<object>): void {
    const stream = this.#opened(open);
    this.#stream = stream;
    stream.live.catch((error: unknown) => {
      this.#connection.fail(this, [error]);
    });
    // The operation may have ended while the stream was opening.
    if (this.#isOver) stream.close();
  }

  #opened(open: OpenInto<object>): OpenStream {
    try {
      return open(this);
    } catch (error) {
      this.#connection.operations.remove(this);
      this.cancel();
      throw error;
    }
  }

  end(): void {
    this.#connection.finish(this);
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.silence();
    this.#stream?.close();
    this.source.leave();
  }
}
